"""Triage on stored steps: what a ticket goes through, and where it stops for a person."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from agents.fleet import actions as fleet
from agents.fleet.actions import set_policy
from agents.fleet.models import Agent, PolicyVersion
from agents.flows.actions import equip
from agents.flows.triage.lasting import lasting
from agents.people.models import User
from agents.runs.actions import decide, start_run
from agents.runs.enums import DecisionKind, ExceptionKind, Remembered, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Output, Run, RunException, Turn
from tests.cast import Cast
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REFUNDS = "# Refunds\nRefunds arrive within 5 to 10 working days on the card that paid.\n"
SURE = {"intent": "question", "confidence": 0.9, "wants_human": False, "emotion": "calm", "language": "en"}


@pytest.fixture
def desk(cast: Cast) -> Agent:
    fleet.add_knowledge(cast.agent, source="refunds.md", text=REFUNDS, actor=cast.owner)
    equip(cast.agent, actor=cast.owner)
    return cast.agent


def carry_out(agent: Agent, actor: User, text: str, **more: Any) -> Run:
    run = start_run(agent, actor=actor, input={"text": text, "customer": "Kim Lee"}, title=text[:80], **more)
    drive(run.pk)
    run.refresh_from_db()
    return run


def keys(run: Run) -> list[str]:
    return list(run.steps.order_by("seq").values_list("key", flat=True))


def says(reply: Any) -> dict[str, Any]:
    return {"kind": "reply", "text": reply if isinstance(reply, str) else json.dumps(reply)}


def test_a_ticket_the_sources_answer_is_published_with_its_sources(cast: Cast, desk: Agent) -> None:
    run = carry_out(desk, cast.owner, "How many working days until refunds arrive?")
    assert (run.state, keys(run)) == (
        RunState.DONE,
        ["classify/1", "retrieve/1", "generate/1", "verify/1", "publish/1"],
    )
    output = run.outputs.get()
    assert "5 to 10 working days" in output.content
    assert (output.pass_record or {})["publishable"] is True
    assert output.data == {"by": "agent", "cited": ["p1"]}


def test_model_steps_say_model_prompt_version_tokens_cost_and_why(cast: Cast, desk: Agent) -> None:
    run = carry_out(desk, cast.owner, "How many working days until refunds arrive?")
    step = run.steps.get(key="generate/1")
    assert (step.model, step.prompt_version) == ("rehearsal-standard", "triage/writer/1")
    assert (step.cost_center, step.use_case) == ("support", "triage")
    assert step.tokens_in > 0 < step.tokens_out
    assert step.cost_micros > 0
    assert "the sources say something" in step.reason
    assert run.is_rehearsal
    assert run.cost_micros == sum(run.steps.values_list("cost_micros", flat=True))


def test_a_refused_draft_is_written_again_and_then_a_person_is_asked(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    bad = "We guarantee that every refund arrives tomorrow. [p1]"
    rehearsal.script([says(SURE), says(bad), says(bad)])
    run = carry_out(desk, cast.owner, "When do refunds arrive?")
    assert run.state == RunState.WAITING
    assert keys(run) == ["classify/1", "retrieve/1", "generate/1", "verify/1", "generate/2", "verify/2", "escalate/1"]
    exception = RunException.objects.get(run=run)
    assert exception.kind == ExceptionKind.GUARDRAIL
    assert exception.proposal == {"reply": bad, "to": "Kim Lee"}
    assert "prohibited terms: guarantee" in exception.detail
    assert not Output.objects.filter(run=run).exists()


def test_a_guardrail_may_ask_for_another_search_before_another_writer_tries(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    set_policy(
        cast.team, statement="Look again.", rules={"guardrails": {"citation": {"fallback": "adjust"}}}, actor=cast.chief
    )
    fleet.add_knowledge(desk, source="fees.md", text="Transfer surcharges never apply.", actor=cast.owner)
    rehearsal.script([says(SURE), says("Transfer surcharges never apply to you. [p7]"), says("No surcharges. [p2]")])
    run = carry_out(desk, cast.owner, "When do refunds arrive?")
    assert keys(run) == [
        *("classify/1", "retrieve/1", "generate/1", "verify/1"),
        *("retrieve/2", "generate/2", "verify/2", "publish/1"),
    ]
    found = [len(run.steps.get(key=f"retrieve/{n}").output["passages"]) for n in (1, 2)]  # type: ignore[index]
    assert found == [1, 2]
    assert rehearsal.calls()[-1]["body"]["model"] == "rehearsal-large"


def go_on(run: Run) -> None:
    """The pauses that the provider asked for are over."""
    Run.objects.filter(pk=run.pk).update(run_after=None)
    drive(run.pk)
    run.refresh_from_db()


LATER = {"kind": "429", "retry_after": 60, "times": 6}
"""Of each model that is asked, three times."""


@pytest.mark.parametrize("before", [[], [says(SURE)], [says(SURE), says("We guarantee it. [p1]")]])
def test_a_model_that_stops_answering_at_any_point_leaves_a_person_with_a_true_briefing(
    cast: Cast, desk: Agent, rehearsal: Rehearsal, before: list[Any]
) -> None:
    rehearsal.script([*before, LATER])
    run = carry_out(desk, cast.owner, "When do refunds arrive?")
    for _pause in range(2):
        go_on(run)
    assert run.state == RunState.WAITING, run.reason
    asked = RunException.objects.get(run=run)
    assert (asked.kind, asked.proposal) == (ExceptionKind.HANDOFF, None)
    assert "The model gave no usable answer." in asked.detail
    assert ("sorted the message" in asked.detail) == bool(before)


def test_the_person_s_edit_is_what_leaves(cast: Cast, desk: Agent, rehearsal: Rehearsal) -> None:
    bad = "We guarantee it. [p1]"
    rehearsal.script([says(SURE), says(bad), says(bad)])
    run = carry_out(desk, cast.owner, "When do refunds arrive?")
    item = RunException.objects.get(run=run).item
    edited = {"reply": "In 5 to 10 working days.", "to": "Kim Lee"}
    decide(item, actor=cast.second, kind=DecisionKind.EDIT, payload=edited, idempotency_key="1")
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    output = run.outputs.get()
    assert output.content == edited["reply"]
    assert output.data["by"] == "person"
    assert (output.pass_record or {})["released_by"] == "person"


def test_a_person_may_close_a_ticket_without_a_reply(cast: Cast, desk: Agent, rehearsal: Rehearsal) -> None:
    rehearsal.script([says(SURE | {"wants_human": True})])
    run = carry_out(desk, cast.owner, "I want to talk to a human")
    exception = RunException.objects.get(run=run)
    assert exception.kind == ExceptionKind.HANDOFF
    for part in ("What the customer wants", "What was tried", "Why the agent did not finish", "Suggested"):
        assert part in exception.detail
    close = {"action": "close"}
    respond = DecisionKind.RESPOND
    decide(exception.item, actor=cast.owner, kind=respond, payload=close, root_cause="case", idempotency_key="1")
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, keys(run)[-1]) == (RunState.DONE, "close/1")
    assert not run.outputs.exists()


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"wants_human": True}, "asks for a person"),
        ({"legal": True}, "lawyers or a court"),
        ({"emotion": "angry"}, "is angry"),
        ({"intent": "out_of_scope"}, "outside what this agent answers"),
        ({"confidence": 0.1}, "not sure enough"),
        ({"intent": "refund", "amount": 412}, "A refund of 412"),
    ],
)
def test_what_goes_to_a_person_says_why(
    cast: Cast, desk: Agent, rehearsal: Rehearsal, found: dict[str, Any], why: str
) -> None:
    rehearsal.script([says(SURE | found)])
    run = carry_out(desk, cast.owner, "Something")
    assert why in RunException.objects.get(run=run).detail


def test_the_policy_says_what_goes_to_a_person(cast: Cast, desk: Agent, rehearsal: Rehearsal) -> None:
    """Confidence, amounts and moods go before what the flow ships with (R-044, R-045, R-046)."""
    rules = {"least_confidence": 0.95, "most_refund": 500, "moods": ["upset"]}
    set_policy(cast.team, statement="Ask early.", rules=rules, actor=cast.chief)
    for found, why in (
        ({"emotion": "upset", "confidence": 1}, "is upset"),
        ({"confidence": 0.94}, "not sure enough"),
        ({"intent": "refund", "amount": 501, "confidence": 1}, "refund of 501"),
    ):
        rehearsal.script([says(SURE | found)])
        run = carry_out(desk, cast.owner, f"About {why}: when do refunds arrive?")
        assert keys(run) == ["classify/1", "escalate/1"]
        assert why in RunException.objects.get(run=run).detail
    rehearsal.script([says(SURE | {"emotion": "angry", "intent": "refund", "amount": 499, "confidence": 1})])
    assert "retrieve/1" in keys(carry_out(desk, cast.owner, "I am angry: when do refunds arrive?"))


def test_nothing_in_the_sources_goes_to_a_person(cast: Cast, desk: Agent, rehearsal: Rehearsal) -> None:
    rehearsal.script([says(SURE)])
    run = carry_out(desk, cast.owner, "xylophone")
    assert keys(run) == ["classify/1", "retrieve/1", "escalate/1"]
    assert "sources say nothing" in RunException.objects.get(run=run).detail


def test_a_model_that_answers_garbage_ends_with_a_person_not_with_a_reply(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    rehearsal.script([{"kind": "html", "times": 6}])
    run = carry_out(desk, cast.owner, "When do refunds arrive?")
    assert run.state in {RunState.WAITING, RunState.QUEUED}
    assert not run.outputs.exists()


def test_the_policy_in_force_is_the_newest_and_is_named_on_the_verdict(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    rules = {"prohibited_terms": ["working"], "languages": ["en"], "longest_reply": 500}
    PolicyVersion.objects.create(team=desk.team, number=2, statement="Never say working.", rules=rules)
    run = carry_out(desk, cast.owner, "How many working days until refunds arrive?")
    verdict = run.steps.get(key="verify/1")
    assert (verdict.output or {})["policy_version"] == 2
    assert run.state == RunState.WAITING


def test_another_team_s_or_agent_s_knowledge_is_never_found(cast: Cast, desk: Agent) -> None:
    equip(cast.rival_agent, actor=cast.rival)
    run = carry_out(cast.rival_agent, cast.rival, "How many working days until refunds arrive?")
    assert run.steps.get(node="retrieve").output == {"passages": []}


def test_the_same_ticket_twice_is_one_run(cast: Cast, desk: Agent) -> None:
    first = carry_out(desk, cast.owner, "When do refunds arrive?", external_id="T-1")
    again = start_run(desk, actor=cast.owner, input={"text": "When?"}, external_id="T-1")
    assert again.pk == first.pk


@pytest.mark.skipif(not DATA.exists(), reason="the folder of real agents' runs is not here")
def test_real_customers_messages_end_published_or_with_a_person(cast: Cast) -> None:
    """The first messages of the airline's customers, with a telecom's manual as knowledge: most need a person."""
    for manual in sorted((DATA / "tau2-telecom").glob("*.md")):
        fleet.add_knowledge(cast.agent, source=manual.name, text=manual.read_text(), actor=cast.owner)
    equip(cast.agent, actor=cast.owner)
    talks = json.loads((DATA / "tau-airline" / "gpt-4o-runs.json").read_text())
    openings = [next(m["content"] for m in talk["traj"] if m["role"] == "user") for talk in talks[:25]]
    runs = [carry_out(cast.agent, cast.owner, text, external_id=f"tau-{n}") for n, text in enumerate(openings)]
    assert {run.state for run in runs} <= {RunState.DONE, RunState.WAITING}
    for run in runs:
        published = run.outputs.filter(published_at__isnull=False)
        assert published.count() == (1 if run.state == RunState.DONE else 0)
        assert run.exceptions.count() == (1 if run.state == RunState.WAITING else 0)


def test_a_customer_who_writes_again_is_answered_with_what_is_remembered(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    for text in ("How many working days until refunds arrive?", "When do refunds arrive on my card?"):
        Turn.objects.update(at=timezone.now() - dt.timedelta(days=2))
        run = start_run(desk, actor=cast.owner, input={"text": text, "email": "kim@example.com"}, title=text)
        drive(run.pk)
    [known] = run.steps.get(key="retrieve/1").output["history"]  # type: ignore[index]
    assert "How many working days" in known["text"]
    assert "<history>" in rehearsal.calls()[-1]["body"]["messages"][1]["content"]
    assert Run.objects.get(pk=run.pk).state == RunState.DONE


PREFERENCES = [
    ("I'd prefer to be called. Where is my parcel?", ["I'd prefer to be called."]),
    ("Prefiero el correo. ¿Dónde está mi pedido?", ["Prefiero el correo."]),
    ("Eu prefiro falar por e-mail, obrigado.", ["Eu prefiro falar por e-mail, obrigado."]),
    ("Only contact me in the morning!", ["Only contact me in the morning!"]),
    ("The preferred method failed.", []),
]


@pytest.mark.parametrize(("text", "wishes"), PREFERENCES, ids=[str(n) for n in range(len(PREFERENCES))])
def test_what_a_customer_prefers_is_heard_and_what_they_have_is_taken_from_its_field(
    text: str, wishes: list[str]
) -> None:
    products = [(Remembered.PRODUCT, "Terminal 3")]
    assert (
        list(lasting({"text": text, "product": "Terminal 3"}))
        == [(Remembered.PREFERENCE, one) for one in wishes] + products
    )


def test_the_next_message_of_a_customer_is_written_with_the_conversation_at_hand(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    kim = {"email": "kim@example.com", "text": "I prefer e-mail. How many working days until refunds arrive?"}
    for _message in range(2):
        run = start_run(desk, actor=cast.owner, input=kim, title="Refunds")
        drive(run.pk)
    found = run.steps.get(node="retrieve").output
    assert [turn["state"] for turn in found["conversation"]] == ["done"]  # type: ignore[index]
    assert "answered" in found["conversation"][0]  # type: ignore[index]
    assert [one["kind"] for one in found["history"]] == ["preference"]  # type: ignore[index]
    asked = rehearsal.calls()[-1]["body"]["messages"][-1]["content"]
    assert "<conversation>" in asked
    assert "I prefer e-mail." in asked
