"""Planned absence: who has what meanwhile, where nobody is left, and that it comes back."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.queries import coverage, left_alone, owner_of_night
from agents.people.actions import declare_absence, end_absence
from agents.people.models import Absence, User
from agents.runs.actions import claim_item, raise_exception, sweep
from agents.runs.actions.covering import cover_absences
from agents.runs.actions.turns import assign_item
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import ReviewItem, RunException
from audit.models import AuditEvent
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def day(ahead: int = 0) -> dt.date:
    return timezone.now().date() + dt.timedelta(days=ahead)


def away(user: User, days: int = 3, *, ahead: int = -1, actor: User | None = None) -> Absence:
    """Since yesterday, so that midnight changes nothing."""
    return declare_absence(user, first=day(ahead), last=day(ahead + days - 1), actor=actor or user)


def asked(cast: Cast) -> ReviewItem:
    return raise_exception(cast.agent, kind=ExceptionKind.SILENCE, title="Silent", severity=Severity.LOW).item


def again(item: ReviewItem) -> ReviewItem:
    return ReviewItem.objects.select_related("assignee", "covers_for").get(pk=item.pk)


def swept(item: ReviewItem) -> ReviewItem:
    sweep()
    return again(item)


def verbs_of(item: ReviewItem) -> list[str]:
    told = AuditEvent.objects.filter(object_id=item.exception_id, verb__startswith="item.").order_by("seq")
    return list(told.values_list("verb", flat=True))


def test_what_waits_and_what_comes_goes_to_the_second_and_back(cast: Cast) -> None:
    before = asked(cast)
    absence = away(cast.owner)
    meanwhile = [swept(before), swept(asked(cast))]
    assert [(item.assignee, item.covers_for) for item in meanwhile] == [(cast.second, cast.owner)] * 2
    end_absence(absence, actor=cast.owner)
    assert [(swept(item).assignee, again(item).covers_for) for item in meanwhile] == [(cast.owner, None)] * 2
    assert verbs_of(before) == ["item.covered", "item.given_back"]
    told = AuditEvent.objects.filter(object_id=absence.pk).order_by("seq").values_list("verb", flat=True)
    assert list(told) == ["absence.declared", "absence.began", "absence.ended"]


def test_it_comes_back_by_itself_when_the_days_are_over(cast: Cast) -> None:
    item = asked(cast)
    away(cast.owner)
    assert swept(item).assignee == cast.second
    Absence.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    assert swept(item).assignee == cast.owner


def test_days_ahead_move_nothing_yet(cast: Cast) -> None:
    item = asked(cast)
    away(cast.owner, ahead=2)
    assert swept(item).assignee is None


def test_while_nobody_is_away_the_sweep_does_not_read_what_is_open(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked(cast)
    with django_assert_num_queries(3):  # who begins, who is away, what goes back
        cover_absences()


def test_days_are_those_of_the_zone_that_was_given(cast: Cast) -> None:
    absence = declare_absence(cast.owner, first=day(9), last=day(9), zone="America/Lima", actor=cast.owner)
    assert (absence.since.hour, absence.until - absence.since) == (5, dt.timedelta(days=1))


def test_what_somebody_works_on_stays_with_them(cast: Cast) -> None:
    item = asked(cast)
    claim_item(item, actor=cast.backup)
    away(cast.owner)
    assert swept(item).assignee is None


def test_what_was_given_to_somebody_meanwhile_stays_there(cast: Cast) -> None:
    item, absence = asked(cast), away(cast.owner)
    assign_item(swept(item), actor=cast.second, to=cast.chief)
    end_absence(absence, actor=cast.owner)
    assert (swept(item).assignee, again(item).covers_for) == (cast.chief, None)


def test_when_the_cover_leaves_too_it_goes_on_and_still_comes_back_to_whom_it_was(cast: Cast) -> None:
    item, absence = asked(cast), away(cast.owner)
    sweep()
    away(cast.second)
    assert (swept(item).assignee, again(item).covers_for) == (cast.backup, cast.owner)
    end_absence(absence, actor=cast.owner)
    assert swept(item).assignee == cast.owner


def test_a_ladder_leaves_out_whoever_is_away(cast: Cast) -> None:
    item = asked(cast)
    away(cast.second)
    ReviewItem.objects.filter(pk=item.pk).update(escalate_at=timezone.now() - dt.timedelta(seconds=1))
    assert swept(item).assignee == cast.backup


def test_the_night_is_the_covers(cast: Cast) -> None:
    User.objects.filter(pk=cast.second.pk).update(zone="America/Lima")
    assert str(owner_of_night(cast.agent)) == "UTC"
    away(cast.owner)
    assert str(owner_of_night(cast.agent)) == "America/Lima"


def test_where_nobody_is_left_it_is_said_and_the_chief_has_it(cast: Cast) -> None:
    item = asked(cast)
    for user in (cast.owner, cast.second):
        assert list(left_alone(away(user))) == []
    assert list(left_alone(away(cast.backup))) == [cast.agent]
    assert swept(item).assignee == cast.chief
    assert [gap.value for gap in coverage(cast.team)[0].gaps] == ["away"]
    wanted = RunException.objects.filter(kind=ExceptionKind.OWNERS, cause="owner_away")
    assert {each.severity for each in wanted} == {Severity.HIGH}
    sweep()
    assert wanted.count() == 3


@pytest.mark.parametrize(("days", "tasks"), [(14, 0), (15, 1)], ids=["two-weeks", "longer"])
def test_for_long_a_second_owner_must_be_appointed(cast: Cast, days: int, tasks: int) -> None:
    cast.agent.owners.filter(user=cast.backup).delete()
    away(cast.owner, days)
    sweep()
    assert RunException.objects.filter(kind=ExceptionKind.OWNERS, severity=Severity.MEDIUM).count() == tasks


def test_who_may_declare_for_whom(cast: Cast) -> None:
    for actor in (cast.administrator, cast.chief):
        end_absence(away(cast.owner, actor=actor), actor=actor)
    for actor in (cast.second, cast.engineer, cast.rival):
        with pytest.raises(NotAllowed):
            away(cast.owner, actor=actor)
    with pytest.raises(NotAllowed):
        end_absence(away(cast.owner), actor=cast.second)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(0, -1, "last"), (-5, -1, "last"), (0, 367, "last"), (400, 401, "last"), (2, 4, "first")],
    ids=["backwards", "over", "too-long", "too-far", "twice"],
)
def test_days_that_cannot_be(cast: Cast, first: int, last: int, field: str) -> None:
    away(cast.owner, 2, ahead=3)
    with pytest.raises(Invalid) as refused:
        declare_absence(cast.owner, first=day(first), last=day(last), actor=cast.owner)
    assert list(refused.value.fields) == [field]


def test_what_is_over_cannot_be_ended(cast: Cast) -> None:
    absence = end_absence(away(cast.owner), actor=cast.owner)
    with pytest.raises(Conflict):
        end_absence(absence, actor=cast.owner)
