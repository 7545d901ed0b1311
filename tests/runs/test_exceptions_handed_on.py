"""What nobody answers is handed along its escalation policy, once a step."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agents.base.errors import Invalid, NotAllowed
from agents.base.money import MICRO
from agents.fleet.models import Flow
from agents.people.models import User
from agents.runs.actions import claim_item, decide, raise_exception, set_escalation_policy, snooze_item, sweep
from agents.runs.enums import ExceptionKind, HandTo, RunState, Severity
from agents.runs.ladders import SHIPPED, Ladder, Rung
from agents.runs.models import EscalationPolicy, ReviewItem, Run
from agents.runs.queries.policies import ladder_for, ladder_of_case, ladder_of_team
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.pages.stage import a_run
from tests.people.hours import off

TEN = timedelta(minutes=10)


def asked(cast: Cast, severity: Severity = Severity.HIGH) -> ReviewItem:
    return raise_exception(cast.agent, kind=ExceptionKind.SILENCE, title="Silent", severity=severity).item


def later(item: ReviewItem) -> ReviewItem:
    """The item after its hour has come and the sweep has passed."""
    ReviewItem.objects.filter(pk=item.pk).update(escalate_at=timezone.now() - timedelta(seconds=1))
    sweep()
    return ReviewItem.objects.select_related("assignee").get(pk=item.pk)


def handed(item: ReviewItem) -> list[str]:
    events = AuditEvent.objects.filter(object_id=item.exception_id, verb__in=HOPS).order_by("seq")
    return list(events.values_list("verb", flat=True))


HOPS = ("exception.handed_on", "exception.unanswered")


@pytest.mark.django_db
def test_an_unanswered_item_goes_to_the_second_then_the_backup_then_the_chief(cast: Cast) -> None:
    item, seen = asked(cast), list[User | None]()
    for _ in range(4):
        item = later(item)
        seen.append(item.assignee)
    assert seen == [cast.second, cast.backup, cast.chief, cast.second]
    assert handed(item) == ["exception.handed_on"] * 4


@pytest.mark.django_db
def test_at_the_end_of_the_ladder_it_stays_where_it_is_and_says_so(cast: Cast) -> None:
    set_escalation_policy(cast.team, severity="high", rungs=[Rung(5, HandTo.SECOND)], actor=cast.chief)
    item = later(asked(cast))
    assert (item.assignee, item.hops, item.escalate_at) == (cast.second, 1, None)
    assert handed(item) == ["exception.handed_on"]


@pytest.mark.django_db
def test_who_cannot_answer_is_passed_over(cast: Cast) -> None:
    User.objects.filter(pk=cast.second.pk).update(is_active=False)
    assert later(asked(cast)).assignee == cast.backup


@pytest.mark.django_db
def test_with_nobody_left_it_says_that_nobody_answers(cast: Cast) -> None:
    rungs = [Rung(5, HandTo.PERSON, str(cast.auditor.pk)), Rung(5, HandTo.PRIMARY)]
    set_escalation_policy(cast.team, severity="high", rungs=rungs, actor=cast.chief)
    item = later(asked(cast))
    assert (item.assignee, item.escalate_at) == (None, None)
    assert handed(item) == ["exception.unanswered"]


@pytest.mark.django_db
def test_before_its_hour_nothing_happens(cast: Cast) -> None:
    item = asked(cast)
    sweep()
    assert ReviewItem.objects.get(pk=item.pk).hops == 0
    assert item.escalate_at == pytest.approx(timezone.now() + timedelta(minutes=15), abs=TEN)


@pytest.mark.django_db
def test_whoever_is_on_it_keeps_it(cast: Cast) -> None:
    item = claim_item(asked(cast), actor=cast.owner)
    assert later(item).assignee is None


@pytest.mark.django_db
def test_what_comes_back_from_its_sleep_is_not_handed_on_at_once(cast: Cast) -> None:
    item = snooze_item(asked(cast), actor=cast.owner, until=timezone.now() + TEN)
    ReviewItem.objects.filter(pk=item.pk).update(snoozed_until=timezone.now() - TEN)
    item = later(item)
    assert item.hops == 0
    assert item.escalate_at
    assert item.escalate_at > timezone.now() + TEN


@pytest.mark.django_db
def test_what_somebody_escalates_goes_to_the_next_person_at_once(cast: Cast) -> None:
    item = asked(cast)
    decide(item, actor=cast.owner, kind="escalate", idempotency_key="k")
    sweep()
    assert ReviewItem.objects.get(pk=item.pk).assignee == cast.second


@pytest.mark.django_db
def test_an_agent_s_own_ladder_holds_until_it_gives_way(cast: Cast) -> None:
    own, team = [Rung(7, HandTo.CHIEF)], [Rung(9, HandTo.SECOND)]
    set_escalation_policy(cast.team, severity="low", rungs=team, actor=cast.operations)
    set_escalation_policy(cast.team, severity="low", rungs=own, agent=cast.agent, actor=cast.owner)
    assert ladder_for(cast.agent, "low").rungs == tuple(own)
    set_escalation_policy(cast.team, severity="low", rungs=[], agent=cast.agent, actor=cast.owner)
    assert ladder_for(cast.agent, "low").rungs == tuple(team)
    set_escalation_policy(cast.team, severity="low", rungs=[], actor=cast.operations)
    assert ladder_for(cast.agent, "low") == SHIPPED[Severity.LOW]
    assert list(EscalationPolicy.objects.filter(agent=None).order_by("number").values_list("number")) == [(1,), (2,)]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["owner", "second", "auditor", "rival"])
def test_the_team_s_ladder_is_not_everybody_s_to_write(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        set_escalation_policy(cast.team, severity="low", rungs=[], actor=getattr(cast, who))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rungs",
    [[Rung(0, HandTo.SECOND)], [Rung(5, HandTo.PERSON, "x")], [Rung(5, HandTo.SECOND)] * 9],
    ids=["at-once", "nobody", "too-many"],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(cast: Cast, rungs: list[Rung]) -> None:
    with pytest.raises(Invalid):
        set_escalation_policy(cast.team, severity="low", rungs=rungs, actor=cast.chief)


@given(st.integers(1, 8), st.integers(0, 5))
def test_a_ladder_is_climbed_once_and_once_more_for_every_loop(steps: int, loops: int) -> None:
    ladder = Ladder(tuple(Rung(minute, HandTo.SECOND) for minute in range(1, steps + 1)), loops)
    taken = 0
    while ladder.at(taken):
        taken += 1
    assert taken == steps * (1 + loops)


@pytest.mark.django_db(transaction=True)
def test_two_who_sweep_at_once_hand_it_on_once() -> None:
    item = asked(make_cast())
    ReviewItem.objects.filter(pk=item.pk).update(escalate_at=timezone.now() - TEN)
    together = threading.Barrier(4)

    def sweeps() -> None:
        together.wait()
        sweep()
        connection.close()

    threads = [threading.Thread(target=sweeps) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert handed(item) == ["exception.handed_on"]
    assert ReviewItem.objects.get(pk=item.pk).hops == 1


@pytest.mark.django_db
def test_the_ladder_of_its_flow_goes_before_the_team_s_and_after_the_agent_s(cast: Cast) -> None:
    run = a_run(cast.agent, RunState.WAITING)
    Flow.objects.create(team=cast.team, slug="other", name="Other", pattern="chain")
    for flow, to in (("", HandTo.SECOND), ("refund", HandTo.BACKUP), ("other", HandTo.CHIEF)):
        set_escalation_policy(cast.team, severity="high", rungs=[Rung(5, to)], flow=flow, actor=cast.chief)
    item = raise_exception(cast.agent, kind=ExceptionKind.FAILURE, title="No", severity=Severity.HIGH, run=run).item
    assert later(item).assignee == cast.backup
    assert later(asked(cast)).assignee == cast.second
    assert ladder_of_team(cast.team, "high", "other").rungs == (Rung(5, HandTo.CHIEF),)
    own = [Rung(5, HandTo.CHIEF)]
    set_escalation_policy(cast.team, severity="high", rungs=own, agent=cast.agent, actor=cast.owner)
    assert item.exception
    assert ladder_of_case(item.exception).rungs == tuple(own)


@pytest.mark.django_db
def test_a_step_for_complex_cases_is_passed_over_by_simple_ones(cast: Cast) -> None:
    rungs = [Rung(5, HandTo.CHIEF, least_steps=20, least_micros=100 * MICRO), Rung(9, HandTo.SECOND)]
    set_escalation_policy(cast.team, severity="high", rungs=rungs, actor=cast.chief)
    run = a_run(cast.agent, RunState.WAITING)
    told: dict[str, Any] = {"kind": ExceptionKind.APPROVAL, "severity": Severity.HIGH}
    simple = raise_exception(cast.agent, title="Pay", run=run, step_key="a", proposal={"amount": 500}, **told).item
    assert later(simple).assignee == cast.second
    Run.objects.filter(pk=run.pk).update(steps_done=20)
    run.refresh_from_db()
    complex_one = raise_exception(cast.agent, title="Pay", run=run, step_key="b", proposal={"amount": 500}, **told).item
    assert later(complex_one).assignee == cast.chief
    with pytest.raises(Invalid, match="however simple"):
        set_escalation_policy(cast.team, severity="high", rungs=rungs[:1], actor=cast.chief)


@pytest.mark.django_db
def test_within_working_hours_whoever_is_off_is_passed_over_or_waited_for(cast: Cast) -> None:
    rungs = [Rung(5, HandTo.SECOND, in_hours=True), Rung(5, HandTo.BACKUP, in_hours=True)]
    set_escalation_policy(cast.team, severity="high", rungs=rungs, actor=cast.chief)
    off(cast.second)
    assert later(asked(cast)).assignee == cast.backup
    off(cast.backup)
    waits = later(asked(cast))
    assert (waits.assignee, waits.hops) == (None, 0)
    assert waits.escalate_at
    assert timezone.now() + timedelta(hours=24) < waits.escalate_at < timezone.now() + timedelta(hours=72)
    assert AuditEvent.objects.filter(object_id=waits.exception_id, verb="exception.off_hours").count() == 1
