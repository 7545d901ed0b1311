"""Runs that nobody raised anything about, and that their signs say went wrong."""

from agents.runs.actions import batch_approve
from agents.runs.models import Assessment, Run
from agents.runs.queries import queue
from agents.runs.queries.doubtful import doubtful_runs
from agents.runs.window import Window
from tests.cast import Cast
from tests.morning.stage import ago, ran, review


def assessed(cast: Cast, p: float, **fields: object) -> Run:
    run = ran(cast.agent, ago(hours=2), title=f"Ticket {p}", result="Done", **fields)
    Assessment.objects.create(run=run, signals={"errors": 3}, p_wrong=p)
    return run


def test_the_likeliest_are_shown_first_and_unlikely_ones_not(cast: Cast) -> None:
    for p in (0.1, 0.4, 0.9, 0.3, 0.5):
        assessed(cast, p)
    shown = doubtful_runs(cast.agent, Window(ago(hours=9), ago()))
    assert [each.says for each in shown] == ["90 % likely wrong", "50 % likely wrong", "40 % likely wrong"]
    assert shown[0].why == "3 steps with errors"


def test_what_was_looked_at_before_is_not_shown_again(cast: Cast) -> None:
    assessed(cast, 0.9)
    assert doubtful_runs(cast.agent, Window(ago(hours=1), ago())) == []


def test_an_agent_with_a_run_rather_wrong_than_right_is_not_quiet(cast: Cast) -> None:
    day = review(cast.agent, ago(hours=9))
    assessed(cast, 0.4)
    assert [group.quiet for group in queue(cast.owner, cast.team).groups] == [True]
    assessed(cast, 0.6)
    assert [group.quiet for group in queue(cast.owner, cast.team).groups] == [False]
    assert batch_approve([day], actor=cast.owner).approved == []


def test_a_day_ranks_by_its_likeliest_wrong_run(cast: Cast) -> None:
    cast.agent.value_per_outcome_micros = 50_000_000
    cast.agent.save()
    review(cast.agent, ago(hours=9))
    assessed(cast, 0.4)
    [group] = queue(cast.owner, cast.team).groups
    assert group.rank == 20
