"""Which model is asked: the policy's first rule that fits, else the role's own tier; and who is next when it fails."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from django.core.cache import cache

from agents.base.phrases import phrase
from agents.engine import Json
from agents.fleet.enums import Tier
from agents.fleet.models import Model
from agents.runs.enums import Route

UP = (Tier.CHEAP, Tier.STANDARD, Tier.PREMIUM)
ANY_ROLE = "*"
MODEL_RULES = "model_rules"
"""The policy's rules, in order: `role` (or “*”), `tier`, and `longer_than` characters, if that matters."""
ASIDE_S = 60
"""How long a model that just failed is asked only after the others, in this process."""
TOO_DEAR = "cost_limit"
"""The fault that only a cheaper model helps with."""
HOPELESS = frozenset({"quota", "refused"})
"""Faults that another model would not help with: the account is empty, or what was asked for is not to be had."""
BY_RULE = phrase("rule %(number)s of the policy asks for the tier %(tier)s")
BY_PLAN = {
    Route.BETTER_MODEL: (1, phrase("the plan asks for better models")),
    Route.CHEAPER_MODEL: (-1, phrase("the plan asks for cheaper models")),
}
"""How many tiers up a route moves a call, and why."""
INSTEAD = phrase("instead of %(model)s, which failed: %(fault)s")
AGAIN = phrase("asked again, for it failed: %(faults)s")
LATENCIES, LATENCIES_S, LAST = 20, 3600, 3
"""How many calls of a model are remembered, for how many seconds, and how many of them are its latest."""
SLOW_TIMES, SLOW_MS = 3, 2_000
"""How many times its usual latency the latest must be, and at least how many milliseconds."""
SLOWED = phrase("%(model)s has become slow (%(now)s ms, before that %(usual)s ms) and is asked last")
SET_ASIDE = phrase("%(model)s failed a moment ago and is asked last")


@dataclass(frozen=True, slots=True)
class Choice:
    """A tier, and why it is not the role's own ("" when it is)."""

    tier: Tier
    why: str = ""


def chosen(rules: Json, role: str, tier: Tier, length: int) -> Choice:
    """The tier for a request of `length` characters in this role; the first rule that fits decides."""
    for number, rule in enumerate(rules or (), start=1):
        if rule["role"] in (role, ANY_ROLE) and length > rule.get("longer_than", -1):
            return Choice(Tier(rule["tier"]), BY_RULE % {"number": number, "tier": rule["tier"]})
    return Choice(tier)


def planned(route: Route, tier: Tier) -> Choice:
    """The tier that a plan's route makes of a role's own; the highest and the lowest stay what they are."""
    moved, why = BY_PLAN.get(route, (0, ""))
    found = UP[min(max(UP.index(tier) + moved, 0), len(UP) - 1)]
    return Choice(found, why if found is not tier else "")


def cheaper(rows: Sequence[Model], than: Model) -> list[Model]:
    """Those of a lower tier, the highest of them first."""
    lower = [row for row in rows if UP.index(Tier(row.tier)) < UP.index(Tier(than.tier))]
    return sorted(lower, key=lambda row: (-UP.index(Tier(row.tier)), row.name))


def in_order(rows: Iterable[Model], tier: Tier) -> list[Model]:
    """The models from the tier's own upwards, then those below from the top; within one tier by name."""
    position = UP.index(tier)
    order = (*UP[position:], *reversed(UP[:position]))
    return sorted(rows, key=lambda row: (order.index(Tier(row.tier)), row.name))


def healthy_first(models: Sequence[Model]) -> tuple[list[Model], str]:
    """The same models, those that failed or were slow lately last, and why the first is not the one it would be."""
    down = cache.get_many([_key(row) for row in models])
    ordered = sorted(models, key=lambda row: _key(row) in down)
    moved = bool(ordered) and ordered[0] is not models[0]
    return ordered, down[_key(models[0])] if moved else ""


def set_aside(row: Model, why: str = "") -> None:
    """This process asks the model after the others for a minute; it failed, unless `why` says otherwise."""
    cache.set(_key(row), why or SET_ASIDE % {"model": row.name}, ASIDE_S)


def note_latency(row: Model, ms: int) -> None:
    """What a call took. A model whose last calls took far longer than those before them is set aside (R-176)."""
    key = f"model-latency:{row.pk}"
    seen = [*cache.get(key, ()), ms][-LATENCIES:]
    before, now = seen[:-LAST], median(seen[-LAST:])
    if len(before) >= LAST and now > SLOW_MS and now > SLOW_TIMES * median(before):
        set_aside(row, SLOWED % {"model": row.name, "now": round(now), "usual": round(median(before))})
        seen = before  # once its minute is over, it takes as many calls again
    cache.set(key, seen, LATENCIES_S)


def _key(row: Model) -> str:
    return f"model-aside:{row.pk}"
