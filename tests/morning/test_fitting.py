"""What a team decides corrects the weights its queue is ranked with, and only where that foretells decisions better."""

import pytest

from agents.fleet.models import Agent
from agents.runs.actions import assess_runs, fit_ranking, raise_exception
from agents.runs.actions.fitting import LEAST, LEAST_OF_EACH, Trial
from agents.runs.enums import DecisionKind, ExceptionKind, RunState
from agents.runs.models import Assessment, Decision, Flaw, RankingVersion, ReviewItem, Run, RunException, Step
from agents.runs.queries.lessons import lessons
from agents.runs.ranking import rank, shipped, weights_of
from audit.models import AuditEvent
from tests.cast import Cast
from tests.morning.stage import ago, ran, review

K = DecisionKind


def judged(cast: Cast, kind: DecisionKind, *, errors: int = 0, agent: Agent | None = None) -> Run:
    """A finished run with an exception that somebody decided."""
    run = ran(agent or cast.agent, ago(hours=1), result="Done")
    steps = [Step(run=run, key=f"s{n}", seq=n, node="send", kind="tool", error="no") for n in range(errors)]
    Step.objects.bulk_create(steps)
    exception = raise_exception(run.agent, run=run, kind=ExceptionKind.APPROVAL, title="Send it?")
    Decision.objects.create(item=exception.item, actor=cast.owner, kind=kind, idempotency_key="k")
    return run


def past(cast: Cast, wrong: DecisionKind, right: DecisionKind) -> None:
    """Decisions enough, where runs with errors are decided as `wrong` says, quiet ones as `right`."""
    runs = Run.objects.bulk_create(
        Run(agent=cast.agent, state=RunState.DONE, state_since=ago(hours=1), result="Done") for _ in range(LEAST)
    )
    bad = runs[::4]
    Assessment.objects.bulk_create(
        Assessment(run=run, signals={"errors": 3} if run in bad else {}, p_wrong=0.1) for run in runs
    )
    asked = RunException.objects.bulk_create(
        RunException(agent=cast.agent, run=run, kind=ExceptionKind.APPROVAL, title="Send it?") for run in runs
    )
    items = ReviewItem.objects.bulk_create(ReviewItem(agent=cast.agent, exception=each) for each in asked)
    Decision.objects.bulk_create(
        Decision(item=item, actor=cast.owner, kind=wrong if item.exception.run in bad else right, idempotency_key="k")
        for item in items
        if item.exception
    )


def test_a_run_that_ended_is_assessed_once_and_again_when_it_changes(cast: Cast) -> None:
    run = ran(cast.agent, ago(hours=1), state=RunState.FAILED)
    assert (assess_runs(), assess_runs()) == (1, 0)
    assert Assessment.objects.get(run=run).signals == {"failed": 1}
    Run.objects.filter(pk=run.pk).update(state_since=ago(), state=RunState.DONE, result="Done")
    assert assess_runs() == 1
    found = Assessment.objects.get(run=run)
    assert found.signals == {}
    assert found.p_wrong == pytest.approx(0.03, abs=0.01)


def test_a_run_still_to_come_and_an_old_one_are_not_assessed(cast: Cast) -> None:
    ran(cast.agent, ago(), state=RunState.QUEUED)
    ran(cast.agent, ago(days=3))
    assert assess_runs() == 0


def test_ranking_reads_what_was_assessed(cast: Cast) -> None:
    run = ran(cast.agent, ago(hours=1))
    Assessment.objects.create(run=run, signals={"errors": 7}, p_wrong=0.5)
    exception = RunException(agent=cast.agent, run=run, kind=ExceptionKind.HANDOFF, severity="low")
    assert "errors:7" in rank(exception)[1]


@pytest.mark.parametrize(("kind", "wrong"), [(K.APPROVE, False), (K.IGNORE, False), (K.REJECT, True), (K.EDIT, True)])
def test_a_decision_says_whether_something_was_wrong(cast: Cast, kind: DecisionKind, wrong: bool) -> None:
    run = judged(cast, kind, errors=1)
    [(found, (units, said))] = lessons(cast.team.pk).items()
    assert (found, units["errors"], said) == (run.pk, 1, wrong)


@pytest.mark.parametrize("kind", [K.RESPOND, K.ESCALATE, K.SKIP])
def test_an_answer_says_nothing_of_right_and_wrong(cast: Cast, kind: DecisionKind) -> None:
    judged(cast, kind)
    assert lessons(cast.team.pk) == {}


def test_what_was_looked_at_and_let_pass_was_right_unless_it_turned_out_wrong(cast: Cast) -> None:
    good, bad = (ran(cast.agent, ago(hours=2), "reply") for _ in range(2))
    shown = [str(run.outputs.get().pk) for run in (good, bad)]
    review(cast.agent, ago(days=1), state="approved", until=ago(), samples=shown)
    Flaw.objects.create(agent=cast.agent, run=bad, found_by="person")
    assert {run: wrong for run, (_units, wrong) in lessons(cast.team.pk).items()} == {good.pk: False, bad.pk: True}


def test_another_team_s_decisions_teach_nothing(cast: Cast) -> None:
    judged(cast, K.REJECT, agent=cast.rival_agent)
    assert lessons(cast.team.pk) == {}


def test_too_few_decisions_change_nothing(cast: Cast) -> None:
    for _ in range(LEAST_OF_EACH):
        judged(cast, K.REJECT, errors=3)
    assert fit_ranking(cast.team) is None
    assert weights_of([cast.team.pk]) == {cast.team.pk: shipped()}


def test_what_a_team_keeps_rejecting_ranks_higher_from_then_on(cast: Cast) -> None:
    past(cast, wrong=K.REJECT, right=K.APPROVE)
    before = shipped().each["errors"]
    version = fit_ranking(cast.team)
    assert version
    assert (version.number, version.decisions, version.wrong, version.in_use) == (1, LEAST, LEAST // 4, True)
    assert version.brier < version.shipped_brier
    assert weights_of([cast.team.pk])[cast.team.pk].each["errors"] > before
    assert AuditEvent.objects.get(verb="ranking.fitted").object_id == version.pk
    assert sum(each["count"] for each in version.bins) == LEAST
    assert fit_ranking(cast.team) is None, "nothing was decided since"


def test_what_a_team_forgives_ranks_lower(cast: Cast) -> None:
    past(cast, wrong=K.APPROVE, right=K.REJECT)
    version = fit_ranking(cast.team)
    assert version
    assert version.weights["errors"] < shipped().each["errors"]


def test_a_newer_version_that_is_no_better_gives_way_to_the_shipped_weights(cast: Cast) -> None:
    told = {"base": 0, "weights": {}, "decisions": 100, "wrong": 50, "auc": 0.5, "brier": 0.3}
    told |= {"shipped_auc": 0.6, "shipped_brier": 0.2}
    RankingVersion.objects.create(team=cast.team, number=1, in_use=True, **told)
    RankingVersion.objects.create(team=cast.team, number=2, in_use=False, **told)
    assert weights_of([cast.team.pk]) == {cast.team.pk: shipped()}


def test_better_probabilities_with_a_worse_order_are_not_better() -> None:
    sure, order = Trial([0.5, 0.5], [True, False]), Trial([0.02, 0.01], [True, False])
    assert not sure.beats(order)
    assert Trial([0.9, 0.1], [True, False]).beats(sure)
