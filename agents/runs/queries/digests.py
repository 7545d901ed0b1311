"""One row for what an agent did in a window: counts, cost, and two outputs to look at."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from agents.runs.models import DailyReview
from agents.runs.window import Window

SAMPLES = 2
SAMPLE_LENGTH = 600
# By a hash of output and review: nobody chooses what is looked at, and whoever looks again sees the same two.
DIGESTS = """
WITH wanted AS (SELECT * FROM unnest(%(reviews)s::uuid[], %(agents)s::uuid[], %(since)s::timestamptz[],
                                     %(until)s::timestamptz[]) AS w(review, agent, since, until)),
ran AS MATERIALIZED (SELECT w.review, w.since, w.until, r.id, r.state, r.cost_micros, r.currency
        FROM wanted w JOIN runs_run r ON r.agent_id = w.agent AND r.state_since > w.since AND r.state_since <= w.until),
made AS MATERIALIZED (SELECT ran.review, o.id, o.run_id, o.kind, o.created_at, o.pass_record
         FROM ran JOIN runs_output o ON o.run_id = ran.id AND o.created_at > ran.since AND o.created_at <= ran.until),
picked AS (SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY review ORDER BY md5(id::text || review::text), id) AS place FROM made) m
  WHERE place <= %(samples)s)
SELECT w.review,
  (SELECT jsonb_object_agg(state, n) FROM (SELECT state, count(*) AS n FROM ran WHERE review = w.review GROUP BY 1) s),
  (SELECT coalesce(sum(cost_micros), 0) FROM ran WHERE review = w.review),
  (SELECT min(currency) FROM ran WHERE review = w.review),
  (SELECT count(*) FROM made WHERE review = w.review),
  (SELECT count(*) FROM runs_runexception e
   WHERE e.agent_id = w.agent AND e.opened_at > w.since AND e.opened_at <= w.until),
  (SELECT jsonb_agg(jsonb_build_array(p.id, p.run_id, p.kind, left(o.content, %(length)s), p.created_at,
                                      (p.pass_record->>'publishable')::boolean) ORDER BY p.place)
   FROM picked p JOIN runs_output o ON o.id = p.id WHERE p.review = w.review)
FROM wanted w
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
    """What an agent did in a window. `runs` counts by state; money in micro-units of `currency`."""

    window: Window
    runs: Mapping[str, int] = field(default_factory=dict)
    outputs: int = 0
    cost_micros: int = 0
    currency: str = "USD"
    exceptions: int = 0
    samples: tuple[Sample, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.runs.values())

    @property
    def errors(self) -> int:
        """Runs that failed or were quarantined."""
        return self.runs.get("failed", 0) + self.runs.get("quarantined", 0)

    @property
    def is_quiet(self) -> bool:
        """Nothing failed, nothing asked for a person, and no sample was refused by its guardrails."""
        return not self.errors and not self.exceptions and all(sample.passed is not False for sample in self.samples)


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
    cost: int,
    currency: str | None,
    outputs: int,
    exceptions: int,
    samples: str | None,
) -> Digest:
    shown = tuple(_sample(*row) for row in json.loads(samples or "[]"))
    return Digest(window, json.loads(runs or "{}"), outputs, int(cost), currency or "USD", exceptions, shown)


def _sample(output: str, run: str, kind: str, text: str, at: str, passed: bool | None) -> Sample:
    return Sample(uuid.UUID(output), uuid.UUID(run), kind, text, dt.datetime.fromisoformat(at), passed)
