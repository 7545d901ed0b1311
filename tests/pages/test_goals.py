"""Goals with a date: how far ahead or behind, set and closed on their page and in the trail."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from agents.base.errors import Invalid, NotAllowed
from agents.fleet.actions import set_goal
from agents.fleet.models import Agent, Goal, KpiPoint
from audit.models import AuditEvent
from console.kpis.goals import Progress, goals
from tests.cast import Cast
from tests.pages.conftest import SignIn

FIRST = dt.date(2026, 3, 1)


def goal(cast: Cast, target: int = 100, days: int = 10) -> Goal:
    due = FIRST + dt.timedelta(days=days - 1)
    told = {"title": "Summit outreach", "key": "meetings", "target": Decimal(target), "first": FIRST, "due": due}
    return set_goal(cast.agent, actor=cast.owner, **told)  # type: ignore[arg-type]


def reached(cast: Cast, *values: int) -> None:
    """So much on each day from the first one on."""
    KpiPoint.objects.bulk_create(
        KpiPoint(agent=cast.agent, key="meetings", day=FIRST + dt.timedelta(days=n), value=value)
        for n, value in enumerate(values)
    )


def progress(day: int) -> Progress:
    [found] = goals(Agent.objects.all(), FIRST + dt.timedelta(days=day - 1))
    return found


@pytest.mark.parametrize(
    ("values", "day", "gap"),
    [((10, 12), 5, 0.56), ((30, 30), 5, -0.2), ((10,), 1, 0.0), ((), 0, 0.0), ((100,), 30, 0.0)],
    ids=["behind", "ahead", "on-schedule", "before", "after"],
)
def test_the_gap_is_of_what_is_expected_by_now(cast: Cast, values: tuple[int, ...], day: int, gap: float) -> None:
    goal(cast)
    reached(cast, *values)
    assert progress(day).gap == pytest.approx(gap)


def test_only_its_own_days_count(cast: Cast) -> None:
    goal(cast, days=2)
    reached(cast, 1, 2, 40)
    KpiPoint.objects.create(agent=cast.agent, key="meetings", day=FIRST - dt.timedelta(days=1), value=50)
    found = progress(9)
    assert (int(found.actual), int(found.expected), found.reached) == (3, 100, False)


def test_who_may_set_one_and_what_one_is(cast: Cast) -> None:
    day = timezone.now().date()
    fixed = {"title": "Outreach", "key": "meetings", "first": day}
    with pytest.raises(NotAllowed):
        set_goal(cast.agent, actor=cast.second, target=Decimal(1), due=day, **fixed)  # type: ignore[arg-type]
    for target, due, field in ((1, day - dt.timedelta(days=1), "due"), (0, day, "target")):
        with pytest.raises(Invalid) as refused:
            set_goal(cast.agent, actor=cast.owner, target=Decimal(target), due=due, **fixed)  # type: ignore[arg-type]
        assert list(refused.value.fields) == [field]


def test_a_goal_is_set_seen_and_closed_on_its_page(cast: Cast, sign_in: SignIn) -> None:
    client, day = sign_in(cast.owner), timezone.now().date()
    assert "No goal yet" in client.get("/kpis/goals/").content.decode()
    first, due = day - dt.timedelta(days=4), day + dt.timedelta(days=5)
    sent = {"agent": cast.agent.pk, "title": "Summit outreach", "key": "meetings", "target": "100"}
    client.post("/kpis/goals/set/", {**sent, "first": first, "due": due})
    KpiPoint.objects.create(agent=cast.agent, key="meetings", day=first, value=22)
    page = client.get("/kpis/goals/").content.decode()
    assert "56 % behind" in page
    made = Goal.objects.get()
    assert f"/kpis/goals/{made.pk}/close/" not in sign_in(cast.second).get("/kpis/goals/").content.decode()
    assert sign_in(cast.second).post(f"/kpis/goals/{made.pk}/close/").status_code == 403
    client.post(f"/kpis/goals/{made.pk}/close/")
    assert "No goal yet" in client.get("/kpis/goals/").content.decode()
    told = AuditEvent.objects.filter(object_id=made.pk).order_by("seq").values_list("verb", flat=True)
    assert list(told) == ["goal.set", "goal.closed"]
    refused = client.post("/kpis/goals/set/", {**sent, "first": due, "due": first})
    assert refused.status_code == 422
    assert "It is due before it begins." in refused.content.decode()
