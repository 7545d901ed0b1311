"""What does not fit a model is summarised by a model where the policy says so, and reduced sooner under load."""

from typing import Any

import pytest

from agents.fleet import actions as fleet
from agents.fleet.enums import Tier
from agents.fleet.models import Model, PolicyVersion
from agents.flows.roles import SCOUT
from agents.runs.enums import Lane, RunState
from agents.runs.models import Hold, Run
from agents.runs.services.fitting import AT_PEAK
from agents.runs.services.models import Models
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, finding, keys, step
from tests.rehearsal.fixtures import Rehearsal
from tests.runs.test_fitting import NOISE, prompt
from tests.runs.test_models_routed import models, says

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
LEAD = "Does a refund arrive by Monday?"
SCORED = {"score": 0.6, "heat": "hot", "finding": "It is so."}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def overflowing(cast: Cast, bench: Bench, *said: Any, **rules: Any) -> Run:
    """A run whose last role is given more passages than its model takes in, under a policy of these rules."""
    for number in range(3):
        text = f"# Refund {number}\nA refund arrives by Monday. {NOISE * 19}"
        fleet.add_knowledge(cast.agent, source=f"{number}.md", text=text, actor=cast.owner)
    PolicyVersion.objects.create(team=cast.team, number=99, statement="", rules=rules)
    bench.says(finding("yes"), *said)
    Model.objects.update(context_window=1400)
    return bench.run("lead-validation", LEAD)


def sent(rehearsal: Rehearsal, last: int = 1) -> str:
    return str(rehearsal.calls()[-last]["body"]["messages"][1]["content"])


def test_a_piece_that_does_not_fit_becomes_a_summary_which_is_a_step_that_names_its_sources(
    cast: Cast, bench: Bench
) -> None:
    run = overflowing(cast, bench, {"summary": "A refund arrives by Monday [p1]."}, SCORED, overflow="summary")
    assert keys(run) == ["triage/1", "enrich/1", "resolve/1", "resolve/1/0"]
    made = step(run, "resolve/1/0")
    assert made.output == {
        "of": "passages",
        "summary": "A refund arrives by Monday [p1].",
        "sources": ["p1", "p2", "p3", "p4"],
    }
    assert (made.input or {})["characters"] > 2000
    assert made.cost_micros > 0 < made.tokens_in
    assert "a summary of “passages”, which did not fit; from " in made.reason
    assert run.cost_micros == sum(run.steps.values_list("cost_micros", flat=True))
    assert "A refund arrives by Monday [p1]." in sent(bench.model)
    assert NOISE not in sent(bench.model)
    assert "shortened" not in step(run, "resolve/1").reason
    assert LEAD in sent(bench.model, 2)  # the summary knows what is asked


def test_without_a_summary_the_piece_is_shortened_by_words(cast: Cast, bench: Bench) -> None:
    run = overflowing(cast, bench, {"kind": "429", "retry_after": 60, "times": 2}, SCORED, overflow="summary")
    assert run.state == RunState.DONE
    assert "no summary: rate_limited" in step(run, "resolve/1/0").reason
    assert "left out: passages −" in step(run, "resolve/1").reason


def test_without_the_rule_no_summary_is_made(cast: Cast, bench: Bench) -> None:
    run = overflowing(cast, bench, SCORED)
    assert keys(run) == ["triage/1", "enrich/1", "resolve/1"]
    assert "left out: passages −" in step(run, "resolve/1").reason


@pytest.mark.parametrize("whose", ["everybody's", "the team's", "another team's", "over"])
def test_under_load_less_of_the_window_is_filled_and_the_step_says_so(
    cast: Cast, rehearsal: Rehearsal, whose: str
) -> None:
    given = models(cast)
    Model.objects.update(context_window=4000)
    hold = Hold(
        lane=Lane.BATCH, reason="busy", team={"the team's": cast.team, "another team's": cast.rival_team}.get(whose)
    )
    if whose == "over":
        hold.ended_at = hold.since
    hold.save()
    rehearsal.script([says("yes")])
    answer = given.chat(Tier.CHEAP, prompt(passages=NOISE * 150, message="When?"), max_tokens=50)
    reduced = whose in ("everybody's", "the team's")
    assert answer.why.startswith("under load at most 40 % of the window is filled; shortened from about ") == reduced
    assert (len(sent(rehearsal)) // 4 < AT_PEAK * 4000) == reduced


def test_what_summaries_cost_is_part_of_what_their_node_may_cost(
    cast: Cast, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int | None] = []
    chat = Models.chat

    def noted(self: Models, *args: Any, **more: Any) -> Any:
        given.append(more["cost_limit_micros"])
        return chat(self, *args, **more)

    monkeypatch.setattr(Models, "chat", noted)
    run = overflowing(cast, bench, {"summary": "A refund arrives by Monday [p1]."}, SCORED, overflow="summary")
    spent = step(run, "resolve/1/0").cost_micros
    assert spent > 0
    assert given[-1] == SCOUT.cost_micros - spent
