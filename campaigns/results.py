"""What came of a version: what each agent did under it, what that cost, and its figures since. Read only."""

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet, Sum

from agents.base.money import paid
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent, KpiPoint
from agents.runs.models.runs import ENDED
from agents.runs.queries.spending import COST
from campaigns.enums import CONFIRMED
from campaigns.models import ContextUse, ContextVersion

Done = tuple[int, int, Mapping[str, int] | None, dt.datetime | None]
"""Runs, outputs, costs by currency (None: not told), and when the last one ended."""
# From the confirmation of each delivery of the version until a later one is confirmed at the same agent.
ELSEWHERE = f"""
WITH held AS (
  SELECT d.agent_id,
    (SELECT min(at) FROM campaigns_receipt WHERE delivery_id = d.id AND rung = ANY(%(confirmed)s)) AS since,
    (SELECT min(r.at) FROM campaigns_delivery n JOIN campaigns_receipt r ON r.delivery_id = n.id
     WHERE n.agent_id = d.agent_id AND n.campaign_id = d.campaign_id AND n.number > d.number
       AND r.rung = ANY(%(confirmed)s)) AS until
  FROM campaigns_delivery d JOIN campaigns_broadcast b ON b.id = d.broadcast_id WHERE b.version_id = %(version)s)
SELECT agent_id, sum(runs)::int, sum(outputs)::int, jsonb_object_agg(currency, cost) FILTER (WHERE cost IS NOT NULL),
  max(last)
FROM (
  SELECT r.agent_id, r.currency, count(*) AS runs, sum({COST}) AS cost, max(r.finished_at) AS last,
    sum((SELECT count(*) FROM runs_output o WHERE o.run_id = r.id)) AS outputs
  FROM held h JOIN runs_run r ON r.agent_id = h.agent_id AND r.source <> '' AND r.state = ANY(%(ended)s)
    AND r.created_at >= h.since AND r.created_at < coalesce(h.until, 'infinity')
  GROUP BY r.agent_id, r.currency) each
GROUP BY agent_id
"""
SPEND = "spend"
"""What an agent costs is told from its runs under the version, not from its days."""


@dataclass(frozen=True)
class Result:
    """One agent's. `costs` in micro-units by the currency of its runs, None where its system tells none; `kpis` summed
    over days, the first included."""

    agent: Agent
    runs: int
    outputs: int
    costs: Mapping[str, int] | None
    last: dt.datetime | None
    kpis: dict[str, Decimal] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.runs or self.kpis)

    @property
    def currency(self) -> str:
        """In which all was paid; "" where nobody said, or several meet."""
        found = paid(self.costs or {})
        return found[0][0] if len(found) == 1 else ""

    @property
    def cost(self) -> int | None:
        """In micro-units of `currency`, which there has to be."""
        return self.costs[self.currency] if self.costs and self.currency else None


def results(version: ContextVersion, agents: QuerySet[Agent]) -> list[Result]:
    """For each of these agents that was told of the version, by name; three queries."""
    told = agents.filter(deliveries__broadcast__version=version).distinct().order_by("name", "pk")
    done, figures = _done(version), _figures(version)
    return [Result(agent, *done.get(agent.pk) or _idle(agent), kpis=figures.get(agent.pk, {})) for agent in told]


def _idle(agent: Agent) -> Done:
    """Without a run: of ours that was free; what a vendor charges for its own figures nobody told."""
    return 0, 0, {agent.currency: 0} if agent.vendor == Vendor.OURS else None, None


def _done(version: ContextVersion) -> dict[uuid.UUID, Done]:
    """Of ours the runs that were given it; of others those that began while their system was known to hold it."""
    uses = ContextUse.objects.filter(version=version).values("run__agent").order_by()
    rows = uses.values("run__agent", "run__currency").annotate(
        runs=Count("run"), cost=Sum("run__cost_micros"), last=Max("run__finished_at")
    )
    sent = dict(
        uses.annotate(n=Count("run__outputs", filter=Q(run__outputs__isnull=False))).values_list("run__agent", "n")
    )
    ours: dict[uuid.UUID, Done] = {}
    for row in rows:
        agent, cost = row["run__agent"], {row["run__currency"]: row["cost"] or 0}
        runs, outputs, costs, last = ours.get(agent, (0, sent.get(agent, 0), {}, None))
        ended = max(filter(None, (last, row["last"])), default=None)
        ours[agent] = (runs + row["runs"], outputs, {**(costs or {}), **cost}, ended)
    return _elsewhere(version) | ours


def _elsewhere(version: ContextVersion) -> dict[uuid.UUID, Done]:
    with connection.cursor() as cursor:
        cursor.execute(ELSEWHERE, {"version": version.pk, "confirmed": list(CONFIRMED), "ended": list(ENDED)})
        return {
            agent: (runs, outputs, None if costs is None else json.loads(costs), last)
            for agent, runs, outputs, costs, last in cursor.fetchall()
        }


def _figures(version: ContextVersion) -> dict[uuid.UUID, dict[str, Decimal]]:
    """By days, from that of the first broadcast to that on which the version was replaced, both whole."""
    first = version.broadcasts.order_by("number").values_list("created_at", flat=True).first()
    found: dict[uuid.UUID, dict[str, Decimal]] = defaultdict(dict)
    if first is None:
        return found
    rows = KpiPoint.objects.filter(agent__deliveries__broadcast__version=version, day__gte=first.date())
    if version.state in ("superseded", "ended"):
        rows = rows.filter(day__lte=version.state_since.date())
    points = rows.exclude(key=SPEND).values_list("pk", "agent", "key", "value").distinct()
    for _pk, agent, key, value in points:
        found[agent][key] = found[agent].get(key, Decimal()) + value
    return found
