"""A shorter prompt is tried on what its role has answered, and promoted only where it agrees and a person approves."""

from typing import Any

import pytest

from agents.fleet.models import PromptVersion
from agents.flows.business.distil import agreement
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Run
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, finding, keys, step
from tests.rehearsal.fixtures import Rehearsal

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
