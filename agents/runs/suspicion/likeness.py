"""Runs of one agent about the same thing, and whether they ended alike.

Who does the same work twice and does it otherwise was wrong at least once (self-consistency: Wang et al. 2023). Cases
are alike by the figures and identifiers that their customers named and that they looked up, the rare ones counting
most (inverse document frequency: Spärck Jones 1972). Only hashes of them are kept.
"""

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2s
from math import log, sqrt
from typing import Self

from django.db import connection

from agents.runs.suspicion.speech import figures
from agents.runs.suspicion.trace import Act, Trace

ALIKE = 0.25
"""The cosine from which two cases are alike."""
MOST_MARKS = 100
LAST_RUNS = 200
"""So many of the agent's last runs are compared with."""
CASES = """
SELECT r.agent_id, r.id, s.case FROM unnest(%(agents)s::uuid[]) AS a(id) CROSS JOIN LATERAL (
  SELECT id, agent_id FROM runs_run WHERE agent_id = a.id ORDER BY created_at DESC LIMIT %(last)s) r
JOIN runs_assessment s ON s.run_id = r.id WHERE s.case IS NOT NULL
"""


@dataclass(frozen=True)
class Case:
    """What a run was about, and what it changed; both hashed."""

    marks: frozenset[str]
    changes: frozenset[str]

    @classmethod
    def of(cls, trace: Trace) -> Self | None:
        """None while it may still change something, and where nothing says what it is about."""
        given = [*trace.customer, *(act.given for act in trace.lookups)]
        marks = sorted(map(_hash, figures(" ".join(given))))
        if not marks or not trace.is_over:
            return None
        return cls(frozenset(marks[:MOST_MARKS]), frozenset(map(_change, trace.changes)))

    @property
    def stored(self) -> dict[str, list[str]]:
        return {"marks": sorted(self.marks), "changes": sorted(self.changes)}


Cases = Mapping[uuid.UUID, Case]


def differing(given: Mapping[uuid.UUID, tuple[uuid.UUID | None, Case]]) -> dict[uuid.UUID, float]:
    """Of the runs about the same, among these (agent and case) and its agent's kept ones, the share that differs.

    Only of runs with any; one query, none without cases.
    """
    pools: dict[uuid.UUID | None, dict[uuid.UUID, Case]] = defaultdict(dict)
    for kept_by, run, case in _kept([agent for agent, _case in given.values() if agent]):
        pools[kept_by][run] = case
    for run, (agent, case) in given.items():
        pools[agent][run] = case
    return {run: share for pool in pools.values() for run, share in _shares(pool, pool.keys() & given.keys())}


def _kept(agents: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, uuid.UUID, Case]]:
    if not agents:
        return
    with connection.cursor() as cursor:
        cursor.execute(CASES, {"agents": list(set(agents)), "last": LAST_RUNS})
        for agent, run, stored in cursor.fetchall():
            told = json.loads(stored)
            yield agent, run, Case(frozenset(told["marks"]), frozenset(told["changes"]))


def _shares(pool: Cases, wanted: Collection[uuid.UUID]) -> Iterator[tuple[uuid.UUID, float]]:
    times = Counter(mark for case in pool.values() for mark in case.marks)
    rarity = {mark: log((1 + len(pool)) / n) ** 2 for mark, n in times.items()}
    norms = {run: sqrt(sum(rarity[mark] for mark in case.marks)) for run, case in pool.items()}
    for run in wanted:
        least = ALIKE * norms[run]
        alike = [
            other.changes
            for name, other in pool.items()
            if name != run and sum(rarity[mark] for mark in pool[run].marks & other.marks) > least * norms[name]
        ]
        if alike:
            yield run, sum(changes != pool[run].changes for changes in alike) / len(alike)


def _change(act: Act) -> str:
    return _hash(" ".join([act.node, *sorted(figures(act.given))]))


def _hash(text: str) -> str:
    return blake2s(text.encode(), digest_size=6).hexdigest()
