"""The worst items of a queue that may have no end: found in the same time among a thousand and a million."""

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from agents.fleet.permissions import REVIEWED
from agents.people.models import Team, User
from agents.runs.enums import ExceptionKind, ItemState, RunState
from agents.runs.queries.alike import FOLDED, LEADS, PLACE
from agents.runs.queries.helping import HELPER
from agents.runs.queries.narrowing import FITTING, Only
from agents.runs.queries.needs import Need, named
from agents.runs.ranking import say

EVERYTHING = Only()
MOST = 200
"""So many items and agents are listed; the others are counted and come up as these are decided."""
CANDIDATES, COUNTED = 2 * MOST, 1000
"""The worst items, of which those that ask the same are folded; and how far is counted: a queue has no upper end."""
FEW = 40
"""Of so many of each agent's (or facet's) worst, the least of the candidates: what is below it is not read."""
# `needing` with what a row shows, and how many there are: the ORM takes longer to make its objects than PostgreSQL to
# find them. Each agent's worst are read from the end of an index and from nothing else, so that a million others cost
# nothing; where they are filtered, of each facet that fits.
OPEN = "i.state <> 'decided' AND i.exception_id IS NOT NULL"
LOSS = f"""(
  SELECT coalesce(sum(rank) FILTER (WHERE state <> 'snoozed'), 0) FROM (
    SELECT i.rank, i.state FROM runs_reviewitem i WHERE i.agent_id = {{agent}} AND {OPEN}
    ORDER BY i.rank DESC, i.id LIMIT {MOST}) worst)"""
"""What an agent's worst open items are expected to cost, as many as are listed: agents are ordered by it."""
ABOVE = "AND i.rank >= coalesce((SELECT rank FROM bound), '-Infinity')"
FROM_EACH = f"""
FROM mine a CROSS JOIN LATERAL (
  SELECT i.id, i.rank FROM runs_reviewitem i WHERE i.agent_id = a.id AND {OPEN} {{above}}
  ORDER BY i.rank DESC, i.id LIMIT {{most}}) i
"""
HELD = f"""
held AS (
  SELECT a.id, (SELECT min(i.facet) FROM runs_reviewitem i WHERE i.agent_id = a.id AND {OPEN}) AS facet FROM {{of}} a
  UNION ALL SELECT h.id, (
    SELECT min(i.facet) FROM runs_reviewitem i WHERE i.agent_id = h.id AND i.facet > h.facet AND {OPEN})
  FROM held h WHERE h.facet IS NOT NULL)
"""
"""Of each agent of the table `of` the facets that anything open has, one after the other along the index: of the
hundred there are, an agent has a few. A part of WITH RECURSIVE."""
FROM_FACETS = f"""
FROM held a JOIN fitting f ON f.facet = a.facet CROSS JOIN LATERAL (
  SELECT i.id, i.rank FROM runs_reviewitem i WHERE i.agent_id = a.id AND i.facet = f.facet AND {OPEN} {{above}}
  ORDER BY i.rank DESC, i.id LIMIT {{most}}) i
"""
FROM_ASSIGNED = f"""
FROM runs_reviewitem i JOIN mine a ON a.id = i.agent_id JOIN fitting f ON f.facet = i.facet
WHERE i.assignee_id = %(user)s AND {OPEN}
"""
ITEMS = f"""
WITH RECURSIVE mine AS MATERIALIZED (
  SELECT id FROM fleet_agent
  WHERE team_id = %(team)s AND (%(agent)s::text = '' OR slug = %(agent)s) AND id IN ({REVIEWED})),
fitting AS MATERIALIZED ({FITTING} AND {{condition}}),
{HELD.format(of="mine").strip()},
bound AS MATERIALIZED (SELECT i.rank {{few}} ORDER BY i.rank DESC OFFSET {CANDIDATES - 1} LIMIT 1),
worst AS MATERIALIZED (SELECT i.id {{worst}} ORDER BY i.rank DESC, i.id LIMIT {CANDIDATES}),
placed AS (
  SELECT i.*, {PLACE} AS place FROM worst JOIN runs_reviewitem i ON i.id = worst.id
  JOIN runs_runexception ON runs_runexception.id = i.exception_id)
SELECT (SELECT count(*) FROM (SELECT {{counted}} LIMIT {COUNTED + 1}) more),
  i.agent_id, i.id, runs_runexception.kind, i.rank_reason, runs_runexception.severity,
  runs_runexception.title, runs_runexception.opened_at, i.state, i.rank, i.snoozed_until,
  (SELECT name FROM people_user WHERE id = i.claimed_by_id), {HELPER}, {FOLDED}
FROM placed i JOIN runs_runexception ON runs_runexception.id = i.exception_id
WHERE {LEADS} ORDER BY i.rank DESC, runs_runexception.opened_at, runs_runexception.id LIMIT {MOST}
"""


@dataclass(frozen=True, slots=True)
class Item:
    """One place in the queue. `rank` is the expected loss in units of the agent's currency, `rank_reason` why."""

    pk: uuid.UUID
    kind: ExceptionKind
    rank_reason: str
    severity: str
    title: str
    opened_at: dt.datetime
    state: str
    rank: float
    snoozed_until: dt.datetime | None
    claimed_by: str | None
    folded: int = 0
    """How many others ask the same."""
    helper: tuple[str, RunState] | None = None
    """The agent that it was assigned to, and how far its run is."""

    @property
    def reason(self) -> str:
        """Why, in the reader's language."""
        return " · ".join(say(self.rank_reason))

    @property
    def snoozed(self) -> bool:
        return self.state == ItemState.SNOOZED


def worst(user: User, team: Team, need: Need | str, only: Only) -> tuple[dict[uuid.UUID, list[Item]], int]:
    """Of each agent, the worst first; and how many there are in all, folded or not, up to one more than are counted."""
    condition, params = named(Need(need)) if need else ("true", {})
    found_in = FROM_ASSIGNED if only.mine else FROM_FACETS if need or only.kind or only.severity else FROM_EACH
    sql = ITEMS.format(
        condition=condition,
        few=found_in.format(most=FEW, above=""),
        worst=found_in.format(most=CANDIDATES, above=ABOVE),
        counted=found_in.format(most=COUNTED + 1, above=""),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params | only.params | {"team": team.pk, "user": user.pk})
        rows = cursor.fetchall()
    found: dict[uuid.UUID, list[Item]] = defaultdict(list)
    for _count, agent, pk, kind, reason, severity, title, opened_at, state, rank, until, by, helper, folded in rows:
        had = (helper[0], RunState(helper[1])) if helper else None
        item = Item(pk, ExceptionKind(kind), reason, severity, title, opened_at, state, rank, until, by, folded, had)
        found[agent].append(item)
    return found, rows[0][0] if rows else 0
