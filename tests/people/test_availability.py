"""Hours of work by the wall clock, and who says them of whom."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.base.errors import Invalid, NotAllowed
from agents.people.actions import set_availability
from agents.people.actions.availability import Available
from agents.people.hours import Hours
from agents.people.models import Availability
from audit.models import AuditEvent
from tests.api.conftest import Machine
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in

__all__ = ["sign_in"]
OFFICE = Available(days=[1, 2, 3, 4, 5], starts=dt.time(9), ends=dt.time(17), languages=["es"], most_open=5)
MADRID = ZoneInfo("Europe/Madrid")
NIGHTS = Hours([5], dt.time(22), dt.time(6), MADRID)


def madrid(day: int, hour: int) -> dt.datetime:
    """In January 2026, which began on a Thursday."""
    return dt.datetime(2026, 1, day, hour, tzinfo=MADRID)


@pytest.mark.parametrize(
    ("now", "begins"),
    [((2, 23), (2, 23)), ((3, 5), (3, 5)), ((3, 6), (9, 22)), ((1, 12), (2, 22))],
    ids=["friday-night", "saturday-before-dawn", "saturday-morning", "thursday"],
)
def test_a_night_shift_belongs_to_the_day_it_begins_on(now: tuple[int, int], begins: tuple[int, int]) -> None:
    assert NIGHTS.next_start(madrid(*now)) == madrid(*begins)
    assert NIGHTS.at(madrid(*now)) is (now == begins)


instants = st.integers(0, 730 * 24 * 60).map(lambda minutes: madrid(1, 0) + dt.timedelta(minutes=minutes))
shifts = st.builds(
    Hours,
    st.sets(st.integers(1, 7), min_size=1),
    st.times(),
    st.times(),
    st.sampled_from([MADRID, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kathmandu")]),
).filter(lambda hours: hours.starts != hours.ends)


@given(shifts, instants)
def test_work_begins_again_within_eight_days_and_is_then_on(hours: Hours, now: dt.datetime) -> None:
    begins = hours.next_start(now)
    assert now <= begins <= now + dt.timedelta(days=8)
    assert hours.at(begins)


@pytest.mark.django_db
def test_what_is_said_is_kept_in_place_of_what_was_and_in_the_trail(cast: Cast) -> None:
    set_availability(cast.owner, OFFICE, actor=cast.owner)
    kept = set_availability(cast.owner, Available(functions=["support"]), actor=cast.chief)
    assert (kept.hours, kept.languages, kept.functions, kept.most_open) == (None, [], ["support"], None)
    assert AuditEvent.objects.filter(verb="availability.set", object_id=cast.owner.pk).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Available(days=[1]), "days"),
        (Available(days=[8], starts=dt.time(9), ends=dt.time(10)), "days"),
        (Available(days=[1], starts=dt.time(9), ends=dt.time(9)), "ends"),
        (Available(languages=["xx"]), "languages"),
        (Available(days=[1], starts=dt.time(9, tzinfo=dt.UTC), ends=dt.time(10)), "starts"),
    ],
    ids=["days-without-hours", "an-eighth-day", "no-time-at-all", "a-language-nobody-reads", "hours-of-another-zone"],
)
def test_hours_that_are_none_are_refused(cast: Cast, said: Available, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        set_availability(cast.owner, said, actor=cast.owner)
    assert list(refused.value.fields) == [field]


@pytest.mark.django_db
def test_only_the_person_and_whoever_leads_say_it(cast: Cast, sign_in: SignIn) -> None:
    with pytest.raises(NotAllowed):
        set_availability(cast.owner, OFFICE, actor=cast.second)
    path = f"/owners/hours/?person={cast.owner.pk}"
    assert sign_in(cast.second).post(path, {"languages": "es"}).status_code == 403
    assert sign_in(cast.rival).get(path).status_code == 404
    assert sign_in(cast.rival).get("/owners/hours/?person=x").status_code == 404


@pytest.mark.django_db
def test_the_page_says_everybody_s_and_keeps_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    sent = {"days": ["1", "2"], "starts": "09:00", "ends": "17:30", "languages": ["es", "pt"], "most_open": "12"}
    assert client.post("/owners/hours/", sent).status_code == 302
    page = client.get("/owners/hours/").content.decode()
    for said in ("09:00 – 17:30", "Monday, Tuesday", "Spanish, Portuguese", 'value="12"', "at any hour"):
        assert said in page
    refused = client.post("/owners/hours/", {"days": "3", "most_open": "9"})
    assert refused.status_code == 422
    assert 'value="9"' in refused.content.decode()


@pytest.mark.django_db
def test_the_same_over_the_wire(cast: Cast) -> None:
    machine = Machine(cast.team, cast.administrator, ["read", "configure"])
    sent = {"email": cast.owner.email, "days": [1], "starts": "09:00", "ends": "17:00", "functions": ["support"]}
    status, kept = machine.call("PUT", "/availability", sent)
    assert (status, kept["email"], kept["starts"]) == (200, cast.owner.email, "09:00:00")
    assert machine.get("/availability")[1] == [kept]
    assert machine.call("PUT", "/availability", sent | {"email": "nobody@x.example"})[0] == 422
    assert machine.call("PUT", "/availability", {"days": [2]})[0] == 422
    assert Availability.objects.count() == 1
