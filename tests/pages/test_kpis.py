"""The page of minutes: before, now, saved, the ceiling, tomorrow."""

from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet.models import ReviewTime
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind
from tests.cast import Cast
from tests.morning.stage import ago, ran, review
from tests.pages.conftest import SignIn

# Session, person, team, sidebar; minutes, trust, tomorrow, samples, days without a look.
QUERIES = 9


def test_the_page_tells_minutes_and_their_ceiling(
    cast: Cast, sign_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    ReviewTime.objects.create(user=cast.owner, agent=cast.agent, day=now.date(), seconds=240)
    ran(cast.agent, now, started_at=ago(minutes=252))
    client = sign_in(cast.owner)
    client.get("/kpis/minutes/")
    with django_assert_num_queries(QUERIES):
        page = client.get("/kpis/minutes/").content.decode()
    assert "People’s part of all the work is 10 %; before, it was 22 %." in page
    assert "never more than 10.0 times (Amdahl: 1/((1−p)+p/s)); before, never more than 4.6." in page
    assert "No such weekday has been worked yet" in page


def test_whoever_owns_nothing_is_told_what_will_be_here(cast: Cast, sign_in: SignIn) -> None:
    assert "Once you own one" in sign_in(cast.manager).get("/kpis/minutes/").content.decode()


def test_days_nobody_looked_at_stand_beside_what_came_after_them(cast: Cast, sign_in: SignIn) -> None:
    yesterday = ago(days=1)
    review(cast.agent, ago(days=2), state="skipped", until=yesterday, day=yesterday.date())
    page = sign_in(cast.owner).get("/kpis/minutes/").content.decode()
    assert "Days nobody looked at" in page
    assert "Too few days yet to say whether agents decline while nobody looks." in page


def test_today_says_who_is_not_looked_at(cast: Cast, sign_in: SignIn) -> None:
    review(cast.agent, ago(hours=9))
    raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    client = sign_in(cast.owner)
    assert "Not looked at:" not in client.get("/").content.decode()
    client.post("/settings/profile/", {"name": "Amelia", "zone": "UTC", "language": "en", "day_minutes": 5})
    ReviewTime.objects.create(user=cast.owner, agent=cast.agent, day=timezone.now().date(), seconds=180)
    page = client.get("/").content.decode()
    assert "4 min needed, 2 left." in page
    assert 'href="/agents/refund-agent/one-on-one/">refund agent</a>' in page
