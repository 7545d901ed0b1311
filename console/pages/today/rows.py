"""The rows of Today in words: what `console.fragments.drawn` keeps their drawing under."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.base.money import MICRO, format_money
from agents.base.templatetags.rollcall import age, words
from agents.fleet.enums import Lifecycle
from console.addresses import address
from console.kpis.fleet import FleetRow, KpiLine
from console.kpis.outcomes import MONEY, Outcome

WIDTH, HEIGHT = 54, 14
"""Of a spark line, in pixels."""


@dataclass(frozen=True, slots=True)
class Row:
    """One agent in words."""

    slug: str
    url: str
    name: str
    vendor: str
    state: str
    state_says: str
    overnight: str
    failed: str
    why: str
    exceptions: int
    exceptions_url: str
    loss: str
    owners: tuple[str, ...]
    people: str
    kpi: str
    tone: str
    spark: str


def rows(fleet: list[FleetRow]) -> list[Row]:
    """As ranked."""
    exceptions = reverse("exceptions")
    return [_row(row, f"{exceptions}?agent={row.agent.slug}") for row in fleet]


def _row(row: FleetRow, exceptions_url: str) -> Row:
    agent = row.agent
    resting = agent.lifecycle not in (Lifecycle.LIVE, Lifecycle.ONBOARDING)
    state = (agent.lifecycle, agent.get_lifecycle_display()) if resting else (row.status, row.status.label)
    if row.not_yet:
        state = (agent.lifecycle, _("Not connected yet"))
    since = agent.lifecycle_since if resting else row.since
    return Row(
        slug=agent.slug,
        url=address("one-on-one", agent.slug),
        name=agent.name,
        vendor=agent.get_vendor_display(),
        state=state[0],
        state_says=f"{state[1]} · {age(since)}",
        overnight=_overnight(row),
        failed=ngettext("%(n)d failed", "%(n)d failed", row.failed) % {"n": row.failed} if row.failed else "",
        why=row.why,
        exceptions=row.exceptions,
        exceptions_url=exceptions_url,
        loss=format_money(row.expected_loss_micros, agent.currency) if row.expected_loss_micros else "",
        owners=tuple(_initials(name) for name in row.owners.split(", ") if name),
        people=row.owners,
        kpi=_kpi(row.kpi),
        tone=("up" if row.kpi.on_target else "dn") if row.kpi else "",
        spark=spark(row.kpi.values) if row.kpi else "",
    )


def _overnight(row: FleetRow) -> str:
    if not row.runs:
        return _("no run")
    runs = ngettext("%(n)d run", "%(n)d runs", row.runs) % {"n": row.runs}
    return f"{runs} · {format_money(row.cost_micros, row.agent.currency)}" if row.cost_micros else runs


def _initials(name: str) -> str:
    return "".join(part[0] for part in name.split()[:2]).upper()


def _kpi(line: KpiLine | None) -> str:
    return f"{words(line.key)} {line.values[-1]:g} {line.unit}".strip() if line else ""


def spark(values: list[float]) -> str:
    """The points of a polyline, the smallest value at the bottom."""
    low, high = min(values), max(values)
    step, scale = WIDTH / max(len(values) - 1, 1), (HEIGHT - 2) / (high - low or 1)
    return " ".join(
        f"{place * step:.1f},{HEIGHT - 1 - (value - low) * scale:.1f}" for place, value in enumerate(values)
    )


@dataclass(frozen=True, slots=True)
class Achieved:
    """One figure of the night in words, with its changes (▲ ▼) against the night before and a week ago."""

    name: str
    value: str
    url: str
    change: str
    tone: str
    week: str
    target: str


def achieved(outcomes: list[Outcome], currency: str) -> list[Achieved]:
    """The figures of the night; each links to the runs it is counted from."""
    url = reverse("runs", query={"since": "1"})
    return [_achieved(each, currency, url) for each in outcomes]


def _achieved(each: Outcome, currency: str, url: str) -> Achieved:
    better = each.value > each.yesterday if each.key != "spend" else each.value < each.yesterday
    return Achieved(
        name=str(each.name),
        value=_amount(each, each.value, currency),
        url=url,
        change=_change(each, each.yesterday, currency),
        tone="up" if better else "dn",
        week=_change(each, each.last_week, currency),
        target="" if each.target is None else _amount(each, each.target, currency),
    )


def _change(each: Outcome, before: int, currency: str) -> str:
    gap = each.value - before
    return f"{'▲' if gap > 0 else '▼'}{_amount(each, abs(gap), currency)}" if gap else ""


def _amount(each: Outcome, value: int, currency: str) -> str:
    if each.unit != MONEY:
        return str(value)
    return format_money(value if abs(value) < 100 * MICRO else value - value % MICRO, currency)
