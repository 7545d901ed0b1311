"""What is open, found in the same time among a thousand and a million: the inbox's rows, their counts, their price.

Items are read along their indexes, of each agent and facet (`ReviewItem.facet`) the worst first, never sorted whole.
"""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from agents.runs.enums import Severity
from agents.runs.queries.inbox import Idle, Where, priced
from agents.runs.queries.narrowing import FITTING
from agents.runs.queries.needs import Need, named
from agents.runs.queries.worst import COUNTED, HELD, OPEN

STEP = 120
"""So many items are read at once; those that repeat an earlier one are left out."""
SCOPE = f"""
WITH RECURSIVE mine AS MATERIALIZED (
  SELECT id, currency, waiting_cost_micros_per_hour AS hourly, %(owner)s::uuid IS NULL OR EXISTS (
    SELECT FROM fleet_agentowner WHERE agent_id = fleet_agent.id AND user_id = %(owner)s
      AND role IN ('primary', 'second')) AS answered
  FROM fleet_agent WHERE team_id = %(team)s AND (%(agent)s::text = '' OR slug = %(agent)s) AND id IN ({SEEN})),
fitting AS MATERIALIZED ({FITTING} AND {{need}}),
{HELD.format(of="mine").strip()}
"""
FACETS = "JOIN held h ON h.id = a.id JOIN fitting f ON f.facet = h.facet"
# Of the agents for which the owner answers, all; of the others, what was assigned to the owner.
FOUND = f"""
SELECT i.id, i.rank FROM mine a {{facets}} CROSS JOIN LATERAL (
  SELECT i.id, i.rank FROM runs_reviewitem i WHERE i.agent_id = a.id AND {{where}} AND {OPEN}
  ORDER BY i.rank DESC, i.id LIMIT {{most}}) i
WHERE a.answered
UNION ALL SELECT i.id, i.rank FROM mine a JOIN runs_reviewitem i ON i.agent_id = a.id {{facets}}
WHERE NOT a.answered AND i.assignee_id = %(owner)s AND {{where}} AND {OPEN}
"""
AFTER = "i.rank <= %(rank)s AND (i.rank < %(rank)s OR i.id > %(last)s)"
ROWS = f"""
{SCOPE}, worst AS MATERIALIZED (SELECT * FROM ({FOUND}) i ORDER BY i.rank DESC, i.id LIMIT {STEP})
SELECT e.id, i.rank, i.id, EXISTS (
  SELECT FROM runs_runexception WHERE state = 'open' AND agent_id = e.agent_id AND fingerprint = e.fingerprint
    AND id < e.id AND severity = e.severity AND {{need}})
FROM worst JOIN runs_reviewitem i ON i.id = worst.id JOIN runs_runexception e ON e.id = i.exception_id
ORDER BY i.rank DESC, i.id
"""
COUNTS = f"""
{SCOPE} SELECT s.severity, (SELECT count(*) FROM ({FOUND} LIMIT {COUNTED + 1}) found)
FROM unnest(%(severities)s::text[]) AS s(severity)
"""
# An agent waits from its first question on: found from the old end of its open ones, where it has any that fit.
WAITING = f"""
{SCOPE} SELECT a.currency, a.hourly, first.opened_at FROM mine a CROSS JOIN LATERAL (
  SELECT opened_at FROM runs_runexception WHERE agent_id = a.id AND state = 'open' AND {{need}}
    AND (%(kind)s::text = '' OR kind = %(kind)s) AND (%(severity)s::text = '' OR severity = %(severity)s)
    AND (a.answered OR EXISTS (SELECT FROM runs_reviewitem i WHERE i.exception_id = runs_runexception.id
      AND i.assignee_id = %(owner)s))
  ORDER BY opened_at LIMIT 1) first
WHERE EXISTS (SELECT FROM held h JOIN fitting f ON f.facet = h.facet WHERE h.id = a.id)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of what is open: an exception, and its item's rank and id."""

    exception: uuid.UUID
    rank: float
    item: uuid.UUID


@dataclass(frozen=True)
class Opened:
    """The team's open exceptions that the person may see, narrowed; `where.state` and `where.root_cause` say nothing.

    What is the same again is one place, that of the first; counts are of all, and go no further than `COUNTED` + 1.
    """

    user: User
    team: Team
    where: Where

    def page(self, size: int, after: tuple[float, uuid.UUID] | None = None) -> list[Place]:
        """So many places, the worst first, from behind a rank and item on; one query, more where much is repeated."""
        found: list[Place] = []
        while True:
            read = list(self._read(after))
            found += [place for place, repeats in read if not repeats]
            if len(found) >= size or len(read) < STEP:
                return found[:size]
            after = read[-1][0].rank, read[-1][0].item

    def counts(self) -> dict[str, int]:
        """How many of each severity; one query."""
        facets = f"{FACETS} AND split_part(f.facet, ' ', 2) = s.severity"
        rows = self._rows(
            COUNTS, facets=facets, where="i.facet = f.facet", most=COUNTED + 1, severities=Severity.values
        )
        return dict(rows)

    def idle(self) -> list[Idle]:
        """What their waiting costs, a line each currency; one query."""
        return priced(self._rows(WAITING))

    def _read(self, after: tuple[float, uuid.UUID] | None) -> Iterator[tuple[Place, bool]]:
        narrowed = self.where.need or self.where.kind or self.where.severity
        where = ["i.facet = f.facet"] if narrowed else []
        where += [AFTER] if after else []
        rank, last = after or (None, None)
        facets = FACETS if narrowed else ""
        rows = self._rows(ROWS, facets=facets, where=" AND ".join(where) or "true", most=STEP, rank=rank, last=last)
        for exception, rank, item, repeats in rows:
            yield Place(exception, rank, item), repeats

    def _rows(
        self, statement: str, *, facets: str = "", where: str = "", most: int = 0, **given: Any
    ) -> list[tuple[Any, ...]]:
        need, params = named(Need(self.where.need)) if self.where.need else ("true", {})
        params |= asdict(self.where) | {"owner": self.where.owner or None}
        params |= {"team": self.team.pk, "user": self.user.pk} | given
        with connection.cursor() as cursor:
            cursor.execute(statement.format(need=need, facets=facets, where=where, most=most), params)
            return list(cursor.fetchall())
