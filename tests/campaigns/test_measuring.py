"""Minutes on stale context, and until the slowest confirmation, a day and agent."""

import datetime as dt
from decimal import Decimal

from agents.fleet.enums import Vendor
from agents.fleet.models import KpiPoint
from campaigns.actions import measure_context
from campaigns.actions.measuring import PROPAGATION_MINUTES, STALE_MINUTES
from campaigns.enums import Rung
from campaigns.models import Broadcast, Delivery, Receipt
from tests.campaigns.stage import a_draft, agents, sent
from tests.cast import Cast

DAY = dt.date(2026, 5, 4)


def at(hour: int, minute: int = 0, days: int = 0) -> dt.datetime:
    return dt.datetime(2026, 5, 4, hour, minute, tzinfo=dt.UTC) + dt.timedelta(days=days)


def told(found: Broadcast, when: dt.datetime, **confirmed: dt.datetime) -> None:
    """As if it had been broadcast then, and these agents had confirmed."""
    for delivery in found.deliveries.select_related("agent"):
        Delivery.objects.filter(pk=delivery.pk).update(created_at=when)
        if moment := confirmed.get(delivery.agent.slug.replace("-", "_")):
            Receipt.objects.create(delivery=delivery, rung=Rung.STORED, at=moment)


def points(day: dt.date = DAY) -> dict[tuple[str, str], Decimal]:
    rows = KpiPoint.objects.filter(day=day, key__in=[STALE_MINUTES, PROPAGATION_MINUTES])
    return {(slug, key): value for slug, key, value in rows.values_list("agent__slug", "key", "value")}


def test_an_agent_is_stale_until_it_confirms_is_told_anew_or_the_day_is_over(cast: Cast) -> None:
    chosen = [cast.agent, *agents(cast, 2, Vendor.MANUAL)]
    told(sent(a_draft(cast), chosen, cast.owner), at(22), refund_agent=at(22, 30), manual_0=at(1, 15, days=1))
    assert measure_context(cast.team, at(9, days=1)) == 4
    assert points() == {
        ("refund-agent", STALE_MINUTES): 30,
        ("refund-agent", PROPAGATION_MINUTES): 30,
        ("manual-0", STALE_MINUTES): 120,
        ("manual-1", STALE_MINUTES): 120,
    }
    told(sent(a_draft(cast, "Another"), chosen[2:], cast.owner), at(23), manual_1=at(23, 5))
    assert measure_context(cast.team, at(9, days=2)) == 3
    assert points(DAY + dt.timedelta(days=1)) == {
        ("manual-0", STALE_MINUTES): 75,
        ("manual-0", PROPAGATION_MINUTES): 195,
        ("manual-1", STALE_MINUTES): 1440,
    }


def test_measuring_again_changes_nothing(cast: Cast) -> None:
    told(sent(a_draft(cast), [cast.agent], cast.owner), at(22), refund_agent=at(22, 30))
    first = measure_context(cast.team, at(9, days=1)), points()
    assert (measure_context(cast.team, at(9, days=1)), points()) == first
