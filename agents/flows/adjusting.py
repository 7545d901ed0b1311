"""What a month's use speaks for: a cheaper model, a limit of tokens, a tool less. Proposals; a person decides."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Json, StepFault
from agents.fleet.enums import Tier
from agents.fleet.models import Model, Price, ToolGrant
from agents.flows.enums import AdjustmentKind
from agents.flows.usage import Asked, Month
from agents.runs.models import ToolUse
from agents.runs.services.limits import TOKEN_LIMITS, most_tokens
from agents.runs.services.prices import cost_micros
from agents.runs.services.routing import MODEL_RULES, UP, chosen

LEAST_CALLS = 50
"""Calls in a month of which they must tell."""
MOST_FAILED = 0.01
"""The share of failed calls up to which a role is sure enough of itself for a smaller model."""
LEAST_SHARE = 0.1
"""The share of the month's cost from which a role is worth a look."""
LONG = 3
"""How many times the middle one the longest calls must be."""
SAFE = phrase(
    "%(role)s asked %(model)s %(calls)s times for %(share)s %% of the month’s cost, and %(failed)s of the calls failed:"
    " %(cheaper)s may do."
)
LONGEST = phrase(
    "Half of the calls of %(role)s took %(middle)s tokens at most, one in twenty more than %(most)s: a limit cuts those"
)
UNUSED = phrase("%(agent)s was given %(tool)s and did not use it in the whole month.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change; what it would have saved in micro-units of `currency`, None where nobody can tell."""

    kind: AdjustmentKind
    change: dict[str, Json]
    why: str
    saves_micros: int | None = None
    currency: str = "USD"


def proposals(month: Month, rules: Mapping[str, Any]) -> list[Proposal]:
    """What the month speaks for and the policy's `rules` do not say already; the largest saving first."""
    asked = [one for one in month.asked() if one.calls >= LEAST_CALLS and one.role]
    total = sum(one.cost_micros for one in asked)
    dear = [one for one in asked if total and one.cost_micros >= LEAST_SHARE * total]
    found = [*_cheaper(month, dear, total, rules), *_limits(dear, rules), *_unused(month)]
    return sorted(found, key=lambda one: -(one.saves_micros or 0))


def _cheaper(month: Month, dear: Iterable[Asked], total: int, rules: Mapping[str, Any]) -> Iterator[Proposal]:
    """A tier less for roles that hardly ever fail, where that is cheaper for the same tokens."""
    models = list(Model.objects.filter(team=month.team, is_active=True))
    prices = {row.model_id: row for row in Price.objects.filter(model__in=models).order_by("since")}
    for one in dear:
        row = next((each for each in models if each.name == one.model), None)
        below = UP[: UP.index(Tier(row.tier))] if row else ()
        smaller = next((each for each in models if below and each.tier == below[-1]), None)
        ruled = chosen(rules.get(MODEL_RULES), one.role, UP[-1], 0).why
        if row is None or smaller is None or ruled or one.failed > MOST_FAILED * one.calls:
            continue
        saves = one.cost_micros - _cost(prices.get(smaller.pk), smaller, one)
        if saves > 0:
            said = {"role": one.role, "model": one.model, "calls": one.calls, "failed": one.failed}
            why = SAFE % {**said, "cheaper": smaller.name, "share": round(100 * one.cost_micros / total)}
            yield Proposal(
                AdjustmentKind.CHEAPER_MODEL, {"role": one.role, "tier": smaller.tier}, why, saves, one.currency
            )


def _cost(price: Price | None, model: Model, asked: Asked) -> int:
    """Of the same tokens; what it cost then, where nobody knows the model's price."""
    try:
        return cost_micros(price, model.name, asked.tokens_in, asked.tokens_out, rehearsal=False)
    except StepFault:
        return asked.cost_micros


def _limits(dear: Sequence[Asked], rules: Mapping[str, Any]) -> Iterator[Proposal]:
    """A limit at the longest twentieth, in hundreds, where that is far beyond the middle."""
    for one in dear:
        most = int(Decimal(one.p95_tokens).scaleb(-2).to_integral_value(ROUND_CEILING)) * 100
        told = most_tokens(rules.get(TOKEN_LIMITS), one.agent, one.role)
        if one.p95_tokens > LONG * one.p50_tokens and (not told or told > most):
            why = LONGEST % {"role": one.role, "middle": one.p50_tokens, "most": most}
            yield Proposal(AdjustmentKind.TOKEN_LIMIT, {"agent": one.agent, "role": one.role, "most": most}, why)


def _unused(month: Month) -> Iterator[Proposal]:
    """Tools that an agent had all month and never used."""
    grants = ToolGrant.objects.filter(agent__team=month.team, granted_at__lt=month.since).select_related("agent")
    uses = ToolUse.objects.filter(agent__team=month.team, at__gte=month.since, at__lt=month.next.since)
    used = set(uses.values_list("agent_id", "tool").distinct())
    for grant in grants.order_by("agent__slug", "tool"):
        if (grant.agent_id, grant.tool) not in used:
            change = {"agent": grant.agent.slug, "tool": grant.tool}
            yield Proposal(AdjustmentKind.UNUSED_TOOL, change, UNUSED % change)
