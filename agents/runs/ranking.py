"""Where an item stands in the queue: a sum anybody can check, and the words for each part of it."""

from django.utils.translation import gettext as _

from agents.base.money import format_money
from agents.runs.enums import Severity
from agents.runs.models import ReviewItem, RunException

SEVERITY = {Severity.HIGH: 30, Severity.MEDIUM: 20, Severity.LOW: 10}
RUN_WAITS = 5
WAITING_COST_MOST = 15
"""One point for each unit of currency that an hour of the agent's waiting costs, up to this."""
ESCALATED = 20
ESCALATED_WORD = "escalated"


def rank(exception: RunException, *, escalated: bool = False) -> tuple[float, str]:
    """Points and the reason for them, as words that `reasons` can say in any language."""
    cost = exception.agent.waiting_cost_micros_per_hour
    parts = {f"severity:{exception.severity}": SEVERITY[Severity(exception.severity)]}
    if exception.step_key:
        parts["run_waits"] = RUN_WAITS
    if cost:
        parts[f"cost:{cost}:{exception.agent.currency}"] = min(cost // 1_000_000, WAITING_COST_MOST)
    if escalated:
        parts[ESCALATED_WORD] = ESCALATED
    return float(sum(parts.values())), " ".join(parts)


def reasons(item: ReviewItem) -> list[str]:
    """Why the item stands where it stands, in the reader's language."""
    return [_say(part) for part in item.rank_reason.split()]


def _say(part: str) -> str:
    word, _colon, value = part.partition(":")
    if word == "severity":
        return str(_("%(severity)s severity") % {"severity": Severity(value).label})
    if word == "cost":
        micros, _colon, currency = value.partition(":")
        return _("waiting costs %(money)s an hour") % {"money": format_money(int(micros), currency)}
    return {"run_waits": _("a run waits for it"), ESCALATED_WORD: _("escalated")}[word]
