"""What the agents of a scope should reach of each figure: one limit, or a band from the strictest to the loosest."""

import re
from dataclasses import dataclass

from django.db import connection

from console.kpis.measures import HIGHER, MEASURED, Kpi, reported
from console.kpis.scope import SEEN_HERE, Scope

TARGETS = f"""
WITH {SEEN_HERE}
SELECT key, max(unit), max(better), min(target)::float8, max(target)::float8, sum(target)::float8,
  count(*) = (SELECT count(*) FROM seen WHERE %(flow)s IN ('', flow))
FROM fleet_kpitarget t JOIN seen a ON a.id = t.agent_id WHERE %(flow)s IN ('', a.flow) GROUP BY key
"""
OF_AGENTS = f"""
WITH {SEEN_HERE}
SELECT a.slug, t.key, t.unit, t.target::float8 FROM fleet_kpitarget t JOIN seen a ON a.id = t.agent_id
"""


@dataclass(frozen=True)
class Target:
    """Beyond `limit`, the loosest of the agents' targets, a figure misses; `best` is the strictest. For figures that
    add up both are the sum. `currency` is that of money: its unit where that is one, else the team's."""

    limit: float
    best: float
    currency: str


def targets(scope: Scope) -> tuple[dict[str, Target], dict[str, Kpi]]:
    """By key; and the figures that are not measured here, as their targets name them."""
    with connection.cursor() as cursor:
        cursor.execute(TARGETS, scope.params())
        rows = cursor.fetchall()
    named = {key: MEASURED.get(key) or reported(key, unit, better) for key, unit, better, *_values in rows}
    found = {key: _target(named[key], _currency(scope, unit), *values) for key, unit, _better, *values in rows}
    return {key: target for key, target in found.items() if target}, named


def targets_of_agents(scope: Scope) -> dict[tuple[str, str], Target]:
    """Each agent's own, by slug and key."""
    with connection.cursor() as cursor:
        cursor.execute(OF_AGENTS, scope.params())
        rows = cursor.fetchall()
    return {(slug, key): Target(target, target, _currency(scope, unit)) for slug, key, unit, target in rows}


def _currency(scope: Scope, unit: str) -> str:
    return unit if re.fullmatch("[A-Z]{3}", unit) else scope.team.currency


def _target(kpi: Kpi, currency: str, low: float, high: float, total: float, everybody: bool) -> Target | None:
    """None where it would blame the scope: a most that some agents have cannot hold what all of them use."""
    if kpi.additive:
        return Target(total, total, currency) if everybody or kpi.better == HIGHER else None
    return Target(low, high, currency) if kpi.better == HIGHER else Target(high, low, currency)
