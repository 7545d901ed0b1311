"""One row for what an agent did in a window: counts, cost, and two outputs to look at."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from agents.runs.models import DailyReview
from agents.runs.queries.spending import COST
from agents.runs.window import Window

SAMPLES = 2
SAMPLE_LENGTH = 600
DOUBTFUL = 0.5
# A run belongs to the window in which we learned how it stands: vendors hand some over a day late.
# Samples are picked by a hash of output and review: nobody chooses what is looked at, and whoever looks again sees the
# same two. OFFSET 0 keeps each look-up a walk along its index; the planner would rather read all runs there ever were.
DIGESTS = f"""
WITH wanted AS (SELECT * FROM unnest(%(reviews)s::uuid[], %(agents)s::uuid[], %(since)s::timestamptz[],
                                     %(until)s::timestamptz[]) AS w(review, agent, since, until)),
ran AS MATERIALIZED (
  SELECT w.review, w.since, w.until, r.* FROM wanted w CROSS JOIN LATERAL (
    SELECT id, state, {COST} AS cost_micros, currency, false AS late FROM runs_run r
    WHERE agent_id = w.agent AND state_since > w.since AND state_since <= w.until
      AND (arrived_at IS NULL OR arrived_at <= w.until)
    UNION ALL SELECT id, state, {COST}, currency, true FROM runs_run r
    WHERE agent_id = w.agent AND arrived_at > w.since AND arrived_at <= w.until AND state_since <= w.since OFFSET 0) r),
made AS MATERIALIZED (
  SELECT ran.review, o.* FROM ran CROSS JOIN LATERAL (
    SELECT id, run_id, kind, created_at, pass_record FROM runs_output
    WHERE run_id = ran.id AND (created_at > ran.since OR ran.late) AND created_at <= ran.until OFFSET 0) o),
counted AS (
  SELECT review, jsonb_object_agg(state, n) AS runs FROM (SELECT review, state, count(*) AS n FROM ran GROUP BY 1, 2) s
  GROUP BY 1),
paid AS (
  SELECT review, jsonb_object_agg(currency, cost) FILTER (WHERE cost > 0) AS costs, count(cost) > 0 AS told FROM (
    SELECT review, currency, sum(cost_micros) AS cost FROM ran GROUP BY 1, 2) s
  GROUP BY 1),
doubted AS (
  SELECT ran.review, max(a.p_wrong) AS p FROM ran CROSS JOIN LATERAL (
    SELECT p_wrong FROM runs_assessment WHERE run_id = ran.id OFFSET 0) a GROUP BY 1),
checked AS (
  SELECT review, count(*) AS outputs, count(*) FILTER (WHERE pass_record->>'publishable' = 'false') AS refused,
    count(*) FILTER (WHERE pass_record IS NULL) AS unchecked
  FROM made GROUP BY 1),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY review ORDER BY md5(id::text || review::text), id) AS place FROM made),
picked AS (
  SELECT p.review, jsonb_agg(jsonb_build_array(p.id, p.run_id, p.kind, left(o.content, %(length)s), p.created_at,
                                               (p.pass_record->>'publishable')::boolean) ORDER BY p.place) AS samples
  FROM placed p CROSS JOIN LATERAL (SELECT content FROM runs_output WHERE id = p.id OFFSET 0) o
  WHERE p.place <= %(samples)s GROUP BY 1)
SELECT w.review, c.runs, CASE WHEN m.told IS NOT FALSE THEN coalesce(m.costs, '{{}}') END, coalesce(o.outputs, 0),
  coalesce(o.refused, 0), coalesce(o.unchecked, 0), coalesce(d.p, 0),
  (SELECT count(*) FROM runs_runexception e
   WHERE e.agent_id = w.agent AND e.opened_at > w.since AND e.opened_at <= w.until AND e.kind <> 'sample'), p.samples
FROM wanted w LEFT JOIN counted c ON c.review = w.review LEFT JOIN paid m ON m.review = w.review
LEFT JOIN checked o ON o.review = w.review
LEFT JOIN doubted d ON d.review = w.review LEFT JOIN picked p ON p.review = w.review
"""


@dataclass(frozen=True)
class Sample:
    """One output, picked by chance. `text` is its beginning; `passed` what its guardrails said (None: had none)."""

    output: uuid.UUID
    run: uuid.UUID
    kind: str
    text: str
    at: dt.datetime
    passed: bool | None


@dataclass(frozen=True)
class Digest:
    """What an agent did in a window. `runs` counts by state; `costs` are what was paid, in micro-units by
    currency, None where no run tells it.

    Of its `outputs`, guardrails have `refused` some and not yet looked at the `unchecked` ones. `p_wrong`: how likely
    the likeliest of its runs is wrong, 0 before any was assessed.
    """

    window: Window
    runs: Mapping[str, int] = field(default_factory=dict)
    outputs: int = 0
    refused: int = 0
    unchecked: int = 0
    p_wrong: float = 0.0
    costs: Mapping[str, int] | None = field(default_factory=dict)
    exceptions: int = 0
    samples: tuple[Sample, ...] = ()

    @property
    def currency(self) -> str:
        """In which all was paid; "" where several meet."""
        return "USD" if not self.costs else next(iter(self.costs)) if len(self.costs) == 1 else ""

    @property
    def cost_micros(self) -> int | None:
        """The cost in `currency`; None where nobody told it, or several meet."""
        return 0 if self.costs == {} else (self.costs or {}).get(self.currency)

    @property
    def total(self) -> int:
        return sum(self.runs.values())

    @property
    def errors(self) -> int:
        """Runs that failed or were quarantined."""
        return self.runs.get("failed", 0) + self.runs.get("quarantined", 0)

    @property
    def is_quiet(self) -> bool:
        """Nothing failed or asked for a person, guardrails looked at all and refused nothing, no run is doubtful."""
        return not (self.errors or self.exceptions or self.refused or self.unchecked or self.is_doubtful)

    @property
    def is_doubtful(self) -> bool:
        """Whether some run is rather wrong than right, by its signs."""
        return self.p_wrong >= DOUBTFUL


def digests(reviews: Sequence[DailyReview], until: dt.datetime) -> dict[uuid.UUID, Digest]:
    """The digest of each review by its id, as of `until` or as it was decided; one query."""
    windows = {review.pk: Window(review.since, review.until or max(until, review.since)) for review in reviews}
    if not windows:
        return {}
    agents = [review.agent_id for review in reviews]
    return digests_of(list(windows), agents, list(windows.values()))


def digests_of(keys: list[uuid.UUID], agents: list[uuid.UUID], windows: list[Window]) -> dict[uuid.UUID, Digest]:
    """Digests of agents and windows, which run alongside, each under its key; one query."""
    given: dict[str, Any] = {
        "reviews": keys,
        "agents": agents,
        "since": [window.since for window in windows],
        "until": [window.until for window in windows],
        "samples": SAMPLES,
        "length": SAMPLE_LENGTH,
    }
    by_key = dict(zip(keys, windows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(DIGESTS, given)
        return {key: _digest(by_key[key], *row) for key, *row in cursor.fetchall()}


def _digest(
    window: Window,
    runs: str | None,
    costs: str | None,
    outputs: int,
    refused: int,
    unchecked: int,
    p_wrong: float,
    exceptions: int,
    samples: str | None,
) -> Digest:
    shown = tuple(_sample(*row) for row in json.loads(samples or "[]"))
    return Digest(
        window=window,
        runs=json.loads(runs or "{}"),
        outputs=outputs,
        refused=refused,
        unchecked=unchecked,
        p_wrong=p_wrong,
        costs=None if costs is None else json.loads(costs),
        exceptions=exceptions,
        samples=shown,
    )


def _sample(output: str, run: str, kind: str, text: str, at: str, passed: bool | None) -> Sample:
    return Sample(uuid.UUID(output), uuid.UUID(run), kind, text, dt.datetime.fromisoformat(at), passed)
