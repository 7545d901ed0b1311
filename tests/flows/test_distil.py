"""A shorter prompt is tried on what its role has answered, and promoted only where it agrees and a person approves."""

from typing import Any

import pytest

from agents.engine import LeaseLost
from agents.fleet.models import PromptVersion
from agents.flows.business.distil import agreement
from agents.flows.training import adopt_prompt
from agents.runs.enums import DecisionKind, RunState
from agents.runs.execution.claim import claim
from agents.runs.models import Run
from agents.runs.services.rulebook import LIBRARY
from audit.models import AuditEvent
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, finding, keys, step
from tests.rehearsal.fixtures import Rehearsal
from tests.runs.toys import started

SHORT = {"task": "Find out, and judge."}
LONG = {"task": "Say what you found, and whether it speaks for what is asked, and then say it all once more."}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    """The analyst has answered twice."""
    found = bench_of(cast, rehearsal)
    for text in ("A newsletter.", "A form."):
        found.says(finding("no", "It is no lead."))
        found.run("lead-validation", text)
    return found


@pytest.mark.django_db
def test_only_who_holds_the_run_takes_a_prompt_over_and_the_same_again_is_the_same_version(cast: Cast) -> None:
    team = {"team": cast.team, "flow": LIBRARY, "role": "writer", "system": "S"}
    PromptVersion.objects.create(**team, number=7, task="Answer.")
    PromptVersion.objects.create(**team, agent=cast.agent, number=2, task="Answer kindly.")
    held = claim(started(cast.agent, "chain").pk)
    assert held
    named = [
        adopt_prompt(held, "writer", task) for task in ("Answer soon.", "Answer soon.", "Answer.", "Answer kindly.")
    ]
    assert named == [f"roles/writer/{number}" for number in (3, 3, 4, 5)]
    assert AuditEvent.objects.filter(verb="prompt.adopted").count() == 3
    held.fence += 1
    with pytest.raises(LeaseLost):
        adopt_prompt(held, "writer", "Answer at once.")


def distilled(bench: Bench, shorter: dict[str, str], *answers: Any) -> Run:
    bench.says(shorter, *answers)
    return bench.run("distillation", "", role="analyst")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("use_rehearsal")
def test_what_agrees_on_kept_inputs_is_the_role_s_next_prompt_once_a_person_approves(bench: Bench) -> None:
    run = distilled(bench, SHORT, *[finding("no", "It is no lead.")] * 2)
    assert run.state == RunState.WAITING, run.reason
    assert step(run, "weigh/1").output["agreement"] == 1.0  # type: ignore[index]
    assert not PromptVersion.objects.filter(agent=bench.agent).exists()
    run = bench.answer(run, DecisionKind.APPROVE)
    made = PromptVersion.objects.get(agent=bench.agent, role="analyst")
    assert (run.state, made.task, made.number) == (RunState.DONE, SHORT["task"], 2)
    assert step(run, "tried/1/b0").prompt_version.endswith("/1, shorter")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("use_rehearsal")
def test_what_answers_otherwise_is_refused_and_what_is_no_shorter_or_says_nothing_is_not_tried(bench: Bench) -> None:
    run = distilled(bench, SHORT, *[finding("yes", "Call them at once.")] * 2)
    assert (run.state, keys(run)[-2:]) == (RunState.DONE, ["weigh/1", "refuse/1"])
    for nothing in (LONG, SHORT | {"task": "<task> </task>"}):
        run = distilled(bench, nothing)
        assert (run.state, keys(run)[-1]) == (RunState.WAITING, "escalate/1")
    assert not PromptVersion.objects.filter(agent=bench.agent).exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("use_rehearsal")
def test_a_prompt_that_has_answered_too_little_is_not_compared(bench: Bench) -> None:
    bench.says()
    run = bench.run("distillation", "", role="overseer")
    assert run.state == RunState.FAILED
    assert "answered too little" in run.exceptions.get().detail


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ({"verdict": "yes", "score": 0.5}, {"verdict": "yes", "score": 0.58}, 1.0),
        ({"verdict": "yes", "score": 0.5}, {"verdict": "no", "score": 0.5}, 0.5),
        ({"verdict": "yes"}, {}, 0.0),
        ("a red light", "a red lamp", 2 / 3),
        (True, False, 0.0),
        ([1, 2], [1, 2], 1.0),
    ],
)
def test_agreement_is_the_mean_of_what_an_answer_says(before: Any, after: Any, share: float) -> None:
    assert agreement(before, after) == pytest.approx(share)
