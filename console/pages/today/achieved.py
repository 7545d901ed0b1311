"""What the fleet achieved in the night, in words."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.base.money import MICRO, format_money
from console.kpis.outcomes import SPEND, Outcome


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


def achieved(outcomes: list[Outcome]) -> list[Achieved]:
    """The figures of the night; each links to the runs it is counted from."""
    url = reverse("runs", query={"since": "1"})
    return [_achieved(each, url) for each in outcomes]


def _achieved(each: Outcome, url: str) -> Achieved:
    return Achieved(
        name=str(each.name),
        value=_("not told") if each.value is None else _amount(each, each.value),
        url=url,
        change=_change(each, each.yesterday),
        tone="up" if _better(each) else "dn",
        week=_change(each, each.last_week),
        target="" if each.target is None else _amount(each, each.target),
    )


def _better(each: Outcome) -> bool:
    gap = (each.value or 0) - (each.yesterday or 0)
    return gap < 0 if each.key == SPEND else gap > 0


def _change(each: Outcome, before: int | None) -> str:
    if each.value is None or before is None:
        return ""
    gap = each.value - before
    return f"{'▲' if gap > 0 else '▼'}{_amount(each, abs(gap))}" if gap else ""


def _amount(each: Outcome, value: int) -> str:
    if not each.currency:
        return str(value)
    return format_money(value if abs(value) < 100 * MICRO else value - value % MICRO, each.currency)
