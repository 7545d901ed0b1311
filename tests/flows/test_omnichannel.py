"""One customer by several channels: looked up, written for the channel, checked where there is risk, gone on with."""

from typing import Any

import pytest

from agents.fleet.models import PromptVersion
from agents.flows.actions import try_flow
from agents.flows.business.omnichannel import RECIPE
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Memory, Run, RunException
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, classified, keys, prompts, step
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
ASKED = "How many working days until refunds arrive?"
REPLY = {"reply": "Refunds arrive within 5 to 10 working days on the card that paid. [p1]"}
SUMMARY = {"summary": "Asked for the days of a refund; 5 to 10."}
CHECKED = ["classify/1", "retrieve/1", "write/1", "verify/1"]


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def came(bench: Bench, channel: str, text: str = ASKED, **more: str) -> Run:
    return bench.run("omnichannel", text, channel=channel, customer="kim@lee.example", **more)


def marks(score: float) -> dict[str, Any]:
    return {name: {"score": score, "reason": "so"} for name in ("complete", "true", "plain")}


def test_a_plain_question_leaves_by_the_channel_it_came_in_by_and_is_summed_up(bench: Bench) -> None:
    bench.says(classified(), REPLY, SUMMARY)
    run = came(bench, "whatsapp")
    assert keys(run) == ["classify/1", "retrieve/1", "write/1", "publish/1", "summarise/1", "remember/1"]
    assert run.outputs.get().data == {"by": "agent", "channel": "whatsapp", "cited": ["p1"]}
    assert "whatsapp, at most 1000 characters" in prompts(bench)[1]
    assert Memory.objects.get().text == "whatsapp: Asked for the days of a refund; 5 to 10."


def test_the_case_goes_on_by_another_channel(bench: Bench) -> None:
    bench.says(classified(), REPLY, SUMMARY, classified(), REPLY, SUMMARY)
    came(bench, "whatsapp", thread="w1")
    came(bench, "email", "And does that include the weekend?", thread="m1")
    assert "whatsapp: Asked for the days of a refund; 5 to 10." in prompts(bench)[4]


@pytest.mark.parametrize(
    "risk",
    [{"legal": True}, {"emotion": "upset"}, {"amount": 80}, {"confidence": 0.3}],
    ids=lambda one: next(iter(one)),
)
def test_where_there_is_risk_a_verifier_reads_it_before_it_leaves(bench: Bench, risk: dict[str, Any]) -> None:
    bench.says(classified(**risk), REPLY, marks(1), SUMMARY)
    run = came(bench, "chat")
    assert keys(run) == [*CHECKED, "publish/1", "summarise/1", "remember/1"]


def test_what_the_verifier_refuses_goes_to_a_person_and_leaves_as_they_wrote_it(bench: Bench) -> None:
    bench.says(classified(legal=True), REPLY, marks(0))
    run = came(bench, "email")
    asked = RunException.objects.get(run=run)
    assert (run.state, keys(run), asked.kind) == (RunState.WAITING, [*CHECKED, "escalate/1"], "handoff")
    assert asked.proposal == {"reply": REPLY["reply"], "to": "kim@lee.example"}
    assert "true: so" in asked.detail
    bench.says(SUMMARY)
    run = bench.answer(run, DecisionKind.EDIT, {"reply": "We call you today."})
    assert (run.state, run.outputs.get().content) == (RunState.DONE, "We call you today.")


def test_a_reply_too_long_for_its_channel_goes_to_a_person(bench: Bench) -> None:
    bench.says(classified(), {"reply": f"{REPLY['reply']} " * 6})
    run = came(bench, "voice")
    assert (step(run, "publish/1").fault, keys(run)[-1]) == ("guardrail", "escalate/1")


def test_a_summary_that_fails_costs_nobody_the_reply(bench: Bench) -> None:
    bench.says(classified(), REPLY)
    given = {"text": ASKED, "channel": "sms", "customer": "kim@lee.example"}
    run = try_flow(bench.agent, RECIPE, actor=bench.actor, input=given)
    PromptVersion.objects.filter(role="summariser").delete()
    assert (bench.go_on(run).state, run.outputs.count()) == (RunState.DONE, 1)
    assert Memory.objects.get().text == f"sms: {REPLY['reply']}"
