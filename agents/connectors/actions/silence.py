"""An agent that says nothing when it usually would: nobody else tells us that it stopped."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.connectors import wording
from agents.connectors.actions.answering import answered_lately
from agents.connectors.enums import ConnectionState
from agents.connectors.models import Connection
from agents.fleet.models import Agent
from agents.fleet.quorum import lock_agents
from agents.runs.actions import raise_exception, resolve_exception
from agents.runs.enums import ExceptionKind, ExceptionState, Severity
from agents.runs.models import RunException
from agents.runs.status import look

TIMES = 3
"""So many times its usual gap is silence."""
LEAST = dt.timedelta(hours=1)
DAYS = 5
"""Nobody's rhythm is known before it has reported on so many days."""
MORE = 1.5
"""So many times the second widest gap of four weeks, if that is longer: weekends and other weekly pauses are usual."""
TOLD = (ExceptionKind.SILENCE, ExceptionKind.SYNC_FAILED)
"""Who cannot be reached is not heard of either: that is told already."""
# The widest gap of each day on which it reported, and of these the middle one: an agent that works at night is quiet
# all day, and that is its rhythm.
RHYTHM = """
WITH told AS (
  SELECT r.agent_id, coalesce(r.finished_at, r.started_at, r.created_at) AS at
  FROM runs_run r JOIN fleet_agent a ON a.id = r.agent_id
  WHERE r.source <> '' AND a.lifecycle IN ('live', 'onboarding') AND r.created_at > %(now)s - interval '28 days'
), gaps AS (
  SELECT agent_id, at, at - lag(at) OVER (PARTITION BY agent_id ORDER BY at) AS gap FROM told
), days AS (
  SELECT agent_id, max(gap) AS widest, max(at) AS last FROM gaps GROUP BY agent_id, date_trunc('day', at)
)
SELECT agent_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY widest),
  (array_agg(widest ORDER BY widest DESC NULLS LAST))[2], max(last), count(*)
FROM days GROUP BY agent_id
"""


@dataclass(frozen=True)
class Rhythm:
    """How long an agent is quiet as a rule (None while unknown), and when it was last heard of."""

    agent_id: UUID
    quiet: dt.timedelta | None
    last: dt.datetime


def rhythms(now: dt.datetime) -> list[Rhythm]:
    """Of every agent that somebody else runs and that has reported in four weeks: one query."""
    with connection.cursor() as cursor:
        cursor.execute(RHYTHM, {"now": now})
        found = cursor.fetchall()
    return [
        Rhythm(agent, max(gap * TIMES, second * MORE, LEAST) if days >= DAYS and gap and second else None, last)
        for agent, gap, second, last, days in found
    ]


def watch_silence(now: dt.datetime | None = None) -> int:
    """Raises one exception for each agent that has fallen silent, closes those of agents heard again; how many are."""
    now = now or timezone.now()
    told = dict(Connection.objects.exclude(quiet_after_s=None).values_list("agent_id", "quiet_after_s"))
    found = [(rhythm, _limit(rhythm, told.get(rhythm.agent_id))) for rhythm in rhythms(now)]
    late = {rhythm.agent_id: (rhythm, limit) for rhythm, limit in found if limit and now - rhythm.last > limit}
    # Who has said nothing for four weeks is in neither list, and stays silent.
    heard = [rhythm.agent_id for rhythm, _quiet in found if rhythm.agent_id not in late]
    ended = RunException.objects.filter(kind=ExceptionKind.SILENCE, state=ExceptionState.OPEN, agent__in=heard)
    for exception in ended.select_related("agent"):
        resolve_exception(exception, actor=SYSTEM, note=wording.HEARD_AGAIN)
    for agent in Agent.objects.filter(pk__in=heard, status__evidence__silent=True):
        look(agent, heard=True)
    for rhythm, limit in late.values():
        _silent(rhythm, limit)
    return len(late)


def _limit(rhythm: Rhythm, told_s: int | None) -> dt.timedelta | None:
    """How long it may be quiet: what people said, else what its own past says."""
    if told_s is not None:
        return dt.timedelta(seconds=told_s)
    return rhythm.quiet


@transaction.atomic
def _silent(rhythm: Rhythm, limit: dt.timedelta) -> None:
    [agent] = lock_agents([Agent(pk=rhythm.agent_id)])
    told = RunException.objects.filter(agent=agent, state=ExceptionState.OPEN, kind__in=TOLD)
    if told.exists() or Connection.objects.filter(agent=agent, state=ConnectionState.DISCONNECTED).exists():
        return
    evidence = {"last": rhythm.last.isoformat(), "expected_within_minutes": int(limit.total_seconds() // 60)}
    if not answered_lately(agent, ExceptionKind.SILENCE, last=rhythm.last.isoformat()):
        raise_exception(
            agent,
            kind=ExceptionKind.SILENCE,
            severity=Severity.HIGH,
            title=wording.GONE_SILENT % {"agent": agent},
            detail=wording.TOO_QUIET,
            evidence=evidence,
            cause="silence",
            actor=SYSTEM,
        )
    look(agent, heard=False)
