"""Who of an agent's people is asked first: by seat, hours, languages, functions and what they have open."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.people.actions import declare_absence
from agents.people.models import User
from agents.runs.actions import raise_exception, set_escalation_policy, sweep
from agents.runs.enums import ExceptionKind, HandTo, RunState, Severity
from agents.runs.ladders import Rung
from agents.runs.models import ReviewItem
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in
from tests.pages.stage import a_run
from tests.people.hours import off, works
from tests.runs.test_exceptions_handed_on import asked, later

__all__ = ["sign_in"]
pytestmark = pytest.mark.django_db
SPANISH = "¿Cuándo llega el reembolso de mi pedido? No sé nada de ustedes."


def of_a_customer(cast: Cast, text: str) -> ReviewItem:
    run = a_run(cast.agent, RunState.WAITING, input={"text": text})
    return raise_exception(cast.agent, kind=ExceptionKind.FAILURE, title="It failed", run=run).item


def told(item: ReviewItem) -> str:
    event = AuditEvent.objects.get(object_id=item.exception_id, verb="exception.asked")
    return str(AuditPayload.objects.get(event_id=event.pk).body["because"])


def test_the_primary_owner_is_asked_until_something_speaks_against_it(cast: Cast) -> None:
    works(cast.owner, languages=["en"], functions=["support"], most_open=5)
    works(cast.second, languages=["es"], functions=["sales"])
    assert asked(cast).assignee is None
    assert of_a_customer(cast, "When does the refund of my order arrive?").assignee is None
    assert AuditEvent.objects.filter(verb="exception.asked").count() == 0


def test_who_is_not_at_work_is_not_asked_first_and_the_item_says_so(cast: Cast, sign_in: SignIn) -> None:
    off(cast.owner)
    item = asked(cast)
    assert (item.assignee, told(item)) == (cast.second, "Amelia is not at work")
    page = sign_in(cast.second).get(f"/exceptions/{item.exception_id}/").content.decode()
    assert "Dev was asked first: Amelia is not at work" in page


def test_a_customer_is_answered_by_somebody_who_speaks_their_language(cast: Cast) -> None:
    works(cast.owner, languages=["en"])
    works(cast.second, languages=["pt"])
    works(cast.backup, languages=["en", "es"])
    item = of_a_customer(cast, SPANISH)
    assert (item.assignee, told(item)) == (cast.backup, "Amelia does not answer in Spanish")


def test_with_enough_open_it_goes_to_whoever_has_least(cast: Cast) -> None:
    works(cast.owner, functions=["support"], most_open=2)
    took = [asked(cast).assignee for _ in range(5)]
    assert took == [None, None, cast.second, cast.backup, cast.chief]


def test_where_everybody_lacks_something_hours_weigh_more_than_skills(cast: Cast) -> None:
    off(cast.owner)
    off(cast.chief)
    works(cast.second, functions=["sales"])
    works(cast.backup, functions=["sales"], most_open=0)
    assert asked(cast).assignee == cast.second


def test_whoever_is_away_is_not_asked_in_place_of_who_is_off(cast: Cast) -> None:
    off(cast.owner)
    day = dt.timedelta(days=1)
    today = timezone.now().date()
    declare_absence(cast.second, first=today, last=today + day, zone="UTC", actor=cast.second)
    assert asked(cast).assignee == cast.backup


def test_whoever_is_away_is_covered_as_ever(cast: Cast) -> None:
    works(cast.second, languages=["en"])
    item = asked(cast)
    today = item.created_at.date()
    declare_absence(cast.owner, first=today, last=today, actor=cast.owner)
    sweep()
    item.refresh_from_db()
    assert (item.assignee, item.covers_for) == (cast.second, cast.owner)


def test_a_ladder_may_name_whoever_fits_best(cast: Cast) -> None:
    set_escalation_policy(cast.team, severity="high", rungs=[Rung(5, HandTo.BEST)] * 2, actor=cast.chief)
    off(cast.second)
    first = later(asked(cast, Severity.HIGH))
    assert first.assignee == cast.backup
    assert later(first).assignee == cast.owner


def test_nobody_who_may_not_decide_is_ever_asked(cast: Cast) -> None:
    for each in (cast.owner, cast.second, cast.backup, cast.chief):
        off(each)
    works(cast.trainee, functions=["support"])
    works(cast.auditor, functions=["support"])
    assert asked(cast).assignee is None
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert asked(cast).assignee is None
