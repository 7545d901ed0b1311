"""A run as the signs see it: what was done and said, in order, and how the agent's runs usually are."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection

from agents.runs.suspicion.speech import HANDS_OVER

LAST_RUNS = 50
"""So many of the agent's last runs say what is usual."""
MOST_STEPS = 1000
"""Of a longer run its last ones: how it came out shows at its end."""
RUNS = """
WITH usual AS (
  SELECT a.agent_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY ended.steps_done) AS steps,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY ended.cost_micros) AS cost,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY ended.lookups) AS lookups
  FROM (SELECT DISTINCT agent_id FROM runs_run WHERE id = ANY(%(runs)s)) a CROSS JOIN LATERAL (
    SELECT steps_done, cost_micros, (
      SELECT count(*) FROM runs_step
      WHERE run_id = runs_run.id AND kind = 'tool' AND effect NOT IN ('write', 'destructive')) AS lookups
    FROM runs_run WHERE agent_id = a.agent_id AND state IN ('done', 'failed', 'quarantined')
    ORDER BY created_at DESC LIMIT %(last)s) ended GROUP BY a.agent_id)
SELECT r.id, r.agent_id, r.state, coalesce(r.input ->> 'text', ''), left(r.input::text, 40000), r.result IS NOT NULL,
  r.steps_done, r.cost_micros, coalesce(usual.steps, 0), coalesce(usual.cost, 0), coalesce(usual.lookups, 0),
  coalesce(o.texts, '{}'), coalesce(o.refused, 0),
  EXISTS (SELECT FROM runs_runexception WHERE run_id = r.id AND kind = 'stale_context')
FROM runs_run r LEFT JOIN usual ON usual.agent_id = r.agent_id
LEFT JOIN LATERAL (
  SELECT array_agg(left(content, 8000) ORDER BY created_at, id) AS texts,
         count(*) FILTER (WHERE pass_record ->> 'publishable' = 'false') AS refused
  FROM runs_output WHERE run_id = r.id) o ON true
WHERE r.id = ANY(%(runs)s)
"""
ACTS = """
SELECT s.run_id, s.node, s.kind, s.effect, s.state, s.tries, left(s.error, 500),
  coalesce(left(s.input #>> '{}', 4000), ''), coalesce(left(s.output #>> '{}', 8000), '')
FROM unnest(%(runs)s::uuid[]) AS r(id) CROSS JOIN LATERAL (
  SELECT * FROM runs_step WHERE run_id = r.id ORDER BY seq DESC LIMIT %(most)s) s ORDER BY s.run_id, s.seq
"""


@dataclass(frozen=True, slots=True)
class Act:
    """One step. `given` is what went in, `said` what came out, both as text (JSON where they were no text)."""

    node: str
    kind: str
    effect: str = "read"
    state: str = "confirmed"
    tries: int = 0
    error: str = ""
    given: str = ""
    said: str = ""

    @property
    def by_customer(self) -> bool:
        return self.kind == "message"

    @property
    def by_agent(self) -> bool:
        """Words of the agent itself, not what a tool gave back or a person did."""
        return self.kind == "role" and bool(self.said)

    @property
    def is_effect(self) -> bool:
        """Whether it changes something outside the run."""
        return self.effect in ("write", "destructive")

    @property
    def took_effect(self) -> bool:
        return self.is_effect and self.state == "confirmed"

    @property
    def hands_over(self) -> bool:
        """Whether it gives the matter to a person."""
        return self.kind in ("tool", "person") and bool(HANDS_OVER.search(self.node))

    @property
    def failed(self) -> bool:
        return self.state == "failed" or bool(self.error)


@dataclass(frozen=True)
class Trace:
    """One run. `asked` is the text of its input, `given` all of it; money in micro-units.

    `usual_*` are the medians of its agent's last runs (0: unknown). `differing` is the share of the agent's runs about
    the same thing that changed something else (`likeness`).
    """

    state: str = "done"
    asked: str = ""
    given: str = ""
    answered: bool = True
    steps: int = 0
    cost_micros: int = 0
    usual_steps: float = 0.0
    usual_cost_micros: float = 0.0
    usual_lookups: float = 0.0
    outputs: tuple[str, ...] = ()
    refused: int = 0
    stale: bool = False
    acts: tuple[Act, ...] = ()
    agent_id: uuid.UUID | None = None
    differing: float = 0.0

    @cached_property
    def customer(self) -> list[str]:
        """What the customer said, turn by turn; what the run was given where nobody spoke later."""
        return [act.said for act in self.acts if act.by_customer] or ([self.asked] if self.asked else [])

    @cached_property
    def agent(self) -> list[str]:
        """What the agent said, in order; its outputs last."""
        return [*(act.said for act in self.acts if act.by_agent), *self.outputs]

    @cached_property
    def effects(self) -> list[Act]:
        """What was to change something outside."""
        return [act for act in self.acts if act.is_effect]

    @cached_property
    def changes(self) -> list[Act]:
        """What did; to give the matter to a person is none."""
        return [act for act in self.effects if act.took_effect and not act.hands_over]

    @cached_property
    def lookups(self) -> list[Act]:
        """Uses of tools that change nothing."""
        return [act for act in self.acts if act.kind == "tool" and not act.is_effect]

    @cached_property
    def handed_over(self) -> bool:
        return any(act.hands_over for act in self.acts)

    @cached_property
    def is_over(self) -> bool:
        """Whether the agent does nothing more in it."""
        return self.state == "done" or self.handed_over


def traces(runs: Collection[uuid.UUID]) -> dict[uuid.UUID, Trace]:
    """The trace of each run by its id; two queries."""
    given: dict[str, Any] = {"runs": list(runs), "last": LAST_RUNS, "most": MOST_STEPS}
    acts: dict[uuid.UUID, list[Act]] = defaultdict(list)
    for run, *act in _rows(ACTS, given):
        acts[run].append(Act(*act))
    return {
        run: Trace(*[*told, tuple(texts), refused, stale, tuple(acts[run]), agent])
        for run, agent, *told, texts, refused, stale in _rows(RUNS, given)
    }


def _rows(statement: str, given: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        yield from cursor.fetchall()
