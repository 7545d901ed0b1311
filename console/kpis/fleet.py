"""The fleet this morning: every agent the person may see with its status, what it may cost, and its review."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agents.base.money import MICRO
from agents.fleet.enums import Lifecycle, Observed
from agents.fleet.models import Agent
from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from agents.runs.enums import OPEN_REVIEWS, ReviewState
from agents.runs.queries import Need, named
from agents.runs.queries.narrowing import FACETS
from agents.runs.queries.worst import HELD, LOSS, OPEN
from agents.runs.ranking import say

# One statement, for a page that is opened all day: through the ORM the same takes five, each dearer to write than to
# answer. `needs` are the conditions of `agents.runs.queries.needs`, asked of the facets: what is open may be a million,
# of which an index is asked for each agent's next facet, and then for at most EACH of every one.
USUAL_DAYS = 28
EACH = 100
"""So many open items of an agent are counted of one kind and severity."""
FLEET = """
WITH RECURSIVE seen AS (SELECT id, slug, name, vendor, lifecycle, lifecycle_since, currency, value_per_outcome_micros,
  waiting_cost_micros_per_hour, baseline_minutes
  FROM fleet_agent WHERE team_id = %(team)s AND lifecycle <> 'retired' AND id IN ({seen})),
{held},
open AS MATERIALIZED (
  SELECT held.id AS agent_id, {needs}
  FROM held JOIN {facets} ON runs_runexception.facet = held.facet CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
      SELECT FROM runs_reviewitem i WHERE i.agent_id = held.id AND i.facet = held.facet AND {open}
      LIMIT {each} + 1) counted) counted GROUP BY 1)
SELECT seen.*, s.state AS observed, s.since AS observed_since,
  s.evidence->>'reason' = 'added' AS never_heard_of, {names},
  (SELECT i.rank_reason FROM runs_reviewitem i WHERE i.agent_id = seen.id AND {open}
   ORDER BY i.rank DESC, i.id LIMIT 1) AS why,
  {loss} AS loss, r.id AS review_id, r.state AS review_state,
  coalesce(ran.n, 0)::int AS ran, coalesce(ran.failed, 0)::int AS failed, ran.costs,
  kpi.key AS kpi_key, kpi.unit AS kpi_unit, kpi.better AS kpi_better, kpi.target AS kpi_target, points.values AS points,
  (SELECT count(*) FROM fleet_agentowner o JOIN people_user u ON u.id = o.user_id
   WHERE o.agent_id = seen.id AND o.role IN ('primary', 'second', 'backup') AND u.is_active) AS quorum,
  (SELECT string_agg(u.name, ', ' ORDER BY o.role = 'primary' DESC, o.since) FROM fleet_agentowner o
   JOIN people_user u ON u.id = o.user_id WHERE o.agent_id = seen.id AND o.role IN ('primary', 'second')) AS people,
  EXISTS (SELECT FROM fleet_oneonone WHERE agent_id = seen.id AND day = %(day)s) AS talked,
  (SELECT coalesce(sum(seconds), 0) FROM fleet_reviewtime WHERE user_id = %(user)s AND day = %(day)s) AS seconds,
  (SELECT avg(spent)::float8 FROM (SELECT sum(seconds) AS spent FROM fleet_reviewtime
   WHERE agent_id = seen.id AND day < %(day)s AND day >= %(day)s - {usual} GROUP BY day) days) AS usual_seconds
FROM seen LEFT JOIN fleet_agentstatus s ON s.agent_id = seen.id LEFT JOIN open ON open.agent_id = seen.id
LEFT JOIN LATERAL (
  SELECT id, state, since FROM runs_dailyreview WHERE agent_id = seen.id ORDER BY day DESC LIMIT 1) r ON true
CROSS JOIN LATERAL (SELECT coalesce(r.since, now() - interval '24 hours') AS since) shown
LEFT JOIN LATERAL (
  SELECT sum(n) AS n, sum(failed) AS failed, jsonb_object_agg(currency, cost ORDER BY currency) AS costs FROM (
    SELECT currency, count(*) AS n, count(*) FILTER (WHERE state IN ('failed', 'quarantined')) AS failed,
           sum(cost_micros) AS cost
    FROM (SELECT state, currency, cost_micros FROM runs_run WHERE agent_id = seen.id AND state_since > shown.since
          UNION ALL SELECT state, currency, cost_micros FROM runs_run
          WHERE agent_id = seen.id AND arrived_at > shown.since AND state_since <= shown.since) r
    GROUP BY currency) each) ran ON true
LEFT JOIN LATERAL (SELECT * FROM fleet_kpitarget WHERE agent_id = seen.id ORDER BY key LIMIT 1) kpi ON true
LEFT JOIN LATERAL (SELECT array_agg(value::float8 ORDER BY day) AS values FROM (
  SELECT value, day FROM fleet_kpipoint WHERE agent_id = seen.id AND key = kpi.key ORDER BY day DESC LIMIT 7) last
) points ON true
ORDER BY loss DESC, seen.name
"""


@dataclass(frozen=True)
class KpiLine:
    """The first KPI of an agent that has a target: its last values, at most seven, oldest first."""

    key: str
    unit: str
    better: str
    target: float
    values: tuple[float, ...]

    @property
    def on_target(self) -> bool:
        last = self.values[-1]
        return last >= self.target if self.better == "higher" else last <= self.target


@dataclass(frozen=True)
class FleetRow:
    """One agent. `expected_loss_micros` in its currency: of its open items; `reason` is the worst item's.

    `waiting` are exceptions that hold up a run or ask something, `exceptions` all but check-ins; of a need in `more`
    there are more than were counted. `owners` are the names of primary and second; `review` is the state of its newest
    review (None: it never had one). `runs`, `failed` (with the quarantined) and `costs`, in micro-units by
    the currency of the runs, are of that review's window until now; without one, of the last day.
    `usual_seconds` is what people gave it on an average day with it in four weeks (None: nobody did).
    """

    agent: Agent
    status: Observed
    since: dt.datetime
    never_heard_of: bool
    expected_loss_micros: int
    reason: str
    waiting: int
    exceptions: int
    needs: Mapping[Need, int]
    more: frozenset[Need]
    quorum: int
    owners: str
    review: ReviewState | None
    review_id: uuid.UUID | None
    talked: bool
    usual_seconds: float | None
    runs: int
    failed: int
    costs: Mapping[str, int]
    kpi: KpiLine | None

    @property
    def why(self) -> str:
        """The reason in the reader's language."""
        return " · ".join(say(self.reason))

    @property
    def not_yet(self) -> bool:
        """Never reached so far, or being taken on: no trouble, as long as nothing was raised about it."""
        unreached = self.status == Observed.DISCONNECTED and not self.exceptions
        return unreached and (self.never_heard_of or self.agent.lifecycle == Lifecycle.ONBOARDING)

    @property
    def reviewed(self) -> bool:
        return self.review is not None and self.review not in OPEN_REVIEWS


@dataclass(frozen=True)
class Fleet:
    """The rows, most expected loss first, and the active seconds the person has given today."""

    rows: list[FleetRow]
    seconds: int

    def need(self, need: Need) -> int:
        return sum(row.needs[need] for row in self.rows)

    @property
    def more(self) -> frozenset[Need]:
        """Of what there is more than was counted."""
        return frozenset(need for row in self.rows for need in row.more)

    @property
    def short_of_owners(self) -> int:
        return sum(row.quorum < 2 for row in self.rows)


def fleet_now(user: User, team: Team, day: dt.date) -> Fleet:
    """The agents of the team that the person may see, without retired ones; one query."""
    sql, params = _statement()
    agents: list[Any] = list(Agent.objects.raw(sql, params | {"team": team.pk, "user": user.pk, "day": day}))
    return Fleet([_row(agent, team) for agent in agents], int(agents[0].seconds) if agents else 0)


@lru_cache
def _statement() -> tuple[str, dict[str, Any]]:
    counted: list[str] = []
    params: dict[str, Any] = {}
    for need in Need:
        sql, given = named(need)
        params |= given
        counted.append(f"coalesce(sum(least(n, {EACH})) FILTER (WHERE {sql}), 0)::int AS need_{need}")
        counted.append(f"bool_or(n > {EACH}) FILTER (WHERE {sql}) AS more_{need}")
    names = ", ".join(f"coalesce(open.need_{need}, 0) AS need_{need}, open.more_{need}" for need in Need)
    told = {"seen": SEEN, "usual": USUAL_DAYS, "open": OPEN, "facets": FACETS, "loss": LOSS.format(agent="seen.id")}
    held = HELD.format(of="seen").strip()
    return FLEET.format(needs=", ".join(counted), names=names, held=held, each=EACH, **told), params


def _row(agent: Any, team: Team) -> FleetRow:
    agent.team = team
    needs = {need: getattr(agent, f"need_{need}") for need in Need}
    return FleetRow(
        agent=agent,
        status=Observed(agent.observed or Observed.IDLE),
        since=agent.observed_since or agent.lifecycle_since,
        never_heard_of=bool(agent.never_heard_of),
        expected_loss_micros=round(agent.loss * MICRO),
        reason=agent.why or "",
        waiting=needs[Need.WAITING],
        exceptions=needs[Need.EXCEPTIONS],
        needs=needs,
        more=frozenset(need for need in Need if getattr(agent, f"more_{need}")),
        quorum=agent.quorum,
        owners=agent.people or "",
        review=ReviewState(agent.review_state) if agent.review_state else None,
        review_id=agent.review_id,
        talked=agent.talked,
        usual_seconds=agent.usual_seconds,
        runs=agent.ran,
        failed=agent.failed,
        costs=json.loads(agent.costs or "{}"),
        kpi=_kpi(agent),
    )


def _kpi(agent: Any) -> KpiLine | None:
    if not agent.points:
        return None
    return KpiLine(agent.kpi_key, agent.kpi_unit, agent.kpi_better, float(agent.kpi_target), tuple(agent.points))
