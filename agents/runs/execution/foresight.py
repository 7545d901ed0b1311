"""What a plan is decided on: how such runs came out lately, held against what this one may take (R-172)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean

from django.db import connection
from django.utils import timezone

from agents.engine import Json
from agents.fleet.models import Assignment
from agents.fleet.policy import patience_s
from agents.runs.inputs import channel_of
from agents.runs.models import Run

BEFORE = 50
"""How many earlier runs are looked at, the newest."""
LATELY = timedelta(days=7)
"""How old a run may be to speak against doing it so again; what it cost is true for longer."""
LEAST = 5
"""How many runs it takes to say how sure, how good or how quick they are."""
LEAST_PASSED = 0.5
"""The share of runs without a refused text, where the policy says nothing else."""
CONFIDENCE, PASSED, COST, TIME = "confidence", "passed", "cost", "time"
# A question to a person is no time of the run's own; questions that overlap are rare, and counted twice.
PAST = """
SELECT coalesce(p.route, 'as_usual'), past.created_at, past.cost_micros,
  1000 * extract(epoch FROM past.finished_at - past.started_at - coalesce(s.waited, interval '0')),
  s.confidence, s.passed
FROM (SELECT * FROM runs_run WHERE agent_id = %s AND flow_version_id = %s AND state = 'done'
  ORDER BY created_at DESC LIMIT %s) past
LEFT JOIN runs_runplan p ON p.run_id = past.id
CROSS JOIN LATERAL (
  SELECT avg(CASE jsonb_typeof(output -> 'confidence') WHEN 'number' THEN (output ->> 'confidence')::float8 END)
      AS confidence,
    bool_and(fault <> 'exit_criterion' AND coalesce(output ->> 'publishable', '') <> 'false') AS passed,
    sum(finished_at - started_at) FILTER (WHERE kind = 'person') AS waited
  FROM runs_step WHERE run_id = past.id) s
"""


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier run: its route, money in micro-units, time in milliseconds, how sure its models were (0–1)."""

    route: str
    at: datetime
    micros: int
    ms: float | None
    confidence: float | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Sign:
    """What is known of such runs, and its limit; None: nothing is, or there is none."""

    name: str
    now: float | None
    limit: float | None

    @property
    def is_broken(self) -> bool:
        if self.now is None or self.limit is None:
            return False
        return self.now < self.limit if self.name in (CONFIDENCE, PASSED) else self.now > self.limit

    def as_json(self) -> dict[str, Json]:
        return {"sign": self.name, "now": self.now, "limit": self.limit, "broken": self.is_broken}


def past_of(run: Run) -> list[Past]:
    """The last runs of its agent and flow version that are done, newest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(PAST, [run.agent_id, run.flow_version_id, BEFORE])
        return [Past(*row) for row in cursor.fetchall()]


def signs_of(past: Sequence[Past], limits: Mapping[str, float | None]) -> list[Sign]:
    """Confidence, passed texts, cost and time of these runs: of money any run tells, else `LEAST` of `LATELY`."""
    since = timezone.now() - LATELY
    lately = [one for one in past if one.at > since]
    told = {
        CONFIDENCE: _mean((one.confidence for one in lately), LEAST),
        PASSED: _mean((one.passed for one in lately), LEAST),
        COST: _mean((one.micros for one in past), 1),
        TIME: _mean((one.ms for one in lately), LEAST),
    }
    return [Sign(name, now, limits.get(name)) for name, now in told.items()]


def limits_of(run: Run, rules: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, float | None]:
    """What the policy, else the flow's version, asks of a run; of time what its input's `channel` waits."""
    held: Assignment | None = getattr(run.agent, "assignment", None)
    seconds = patience_s(rules, channel_of(run.input))
    return {
        CONFIDENCE: rules.get("least_confidence", settings.get("confidence")),
        PASSED: rules.get("least_passed", LEAST_PASSED),
        COST: held.run_cap_micros if held else None,
        TIME: seconds * 1000 if seconds is not None else None,
    }


def _mean(values: Iterable[float | None], least: int) -> float | None:
    known = [float(one) for one in values if one is not None]
    return mean(known) if len(known) >= least else None
