"""The breaker of an agent: when too many of its runs fail it is paused and people are told.

Its state is in the rows. Closed: no exception of it is open. Open: there is one, and the agent is paused. Half open:
there is one, and a person has resumed the agent; the first run that ends then closes the breaker or opens it again.
Whoever closes the exception closes the breaker.
"""

import uuid
from dataclasses import dataclass

from django.db import connection

from agents.base.actors import SYSTEM
from agents.base.apart import apart
from agents.fleet import verbs
from agents.fleet.actions.lifecycle import move
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.fleet.queries.policies import policy
from agents.fleet.quorum import lock_agents
from agents.runs import wording
from agents.runs.actions.exceptions import raise_exception, resolve_exception
from agents.runs.enums import ExceptionKind, RunState, Severity
from agents.runs.models import RunException

CAUSE = "breaker"
RULE = "breaker_percent"
PERCENT = 50
"""From which share of failed runs on, unless the policy says otherwise."""
LEAST, HOURS = 10, 1
"""Of so many runs at least that ended in the last hours; fewer say nothing."""
# What ended before the agent was last resumed, or before a breaker was closed, has had its answer.
ENDED = """
SELECT a.id, e.id, count(*), count(*) FILTER (WHERE r.state <> 'done'), (array_agg(r.state ORDER BY r.state_since))[1]
FROM fleet_agent a
LEFT JOIN runs_runexception e ON e.agent_id = a.id AND e.cause = %s AND e.state = 'open'
JOIN runs_run r ON r.agent_id = a.id AND r.state IN ('done', 'failed', 'quarantined') AND r.state_since > greatest(
  now() - make_interval(hours => %s), a.lifecycle_since,
  (SELECT max(c.resolved_at) FROM runs_runexception c WHERE c.agent_id = a.id AND c.cause = %s))
WHERE a.lifecycle = 'live' AND a.vendor = 'ours'
GROUP BY a.id, e.id HAVING e.id IS NOT NULL OR count(*) >= %s ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class _Ended:
    """What ended lately of one live agent; `breaker` is the open exception of a half open one."""

    agent: uuid.UUID
    breaker: uuid.UUID | None
    n: int
    failed: int
    first: str


def break_circuits() -> None:
    """Every live agent of ours: opens breakers, and settles those that are half open. Again: nothing new."""
    with connection.cursor() as cursor:
        cursor.execute(ENDED, [CAUSE, HOURS, CAUSE, LEAST])
        found = [_Ended(*row) for row in cursor.fetchall()]
    agents = Agent.objects.in_bulk([one.agent for one in found])
    for one in found:
        with apart("judge the breaker of an agent", one.agent):
            if one.breaker:
                _settle(agents[one.agent], one.breaker, one.first)
            else:
                _judge(agents[one.agent], one)


def _settle(agent: Agent, breaker: uuid.UUID, first: str) -> None:
    if first == RunState.DONE:
        resolve_exception(RunException.objects.get(pk=breaker), note=wording.BREAKER_CLOSED)
    else:
        _pause(agent, wording.BREAKER_AGAIN)


def _judge(agent: Agent, ended: _Ended) -> None:
    kept = policy(agent.team_id)
    percent = int(kept.rules.get(RULE, PERCENT)) if kept else PERCENT
    told = {"failed": ended.failed, "n": ended.n}
    if 100 * ended.failed < percent * ended.n or not _pause(agent, wording.BREAKER_OPEN % told):
        return
    raise_exception(
        agent,
        kind=ExceptionKind.FAILURE,
        severity=Severity.HIGH,
        title=wording.BREAKER_TITLE % {"agent": agent},
        detail=wording.BREAKER_DETAIL,
        evidence={"ended": ended.n, "failed": ended.failed, "percent": percent},
        cause=CAUSE,
        actor=SYSTEM,
    )


def _pause(agent: Agent, reason: str) -> bool:
    """Whether it was live until now."""
    [locked] = lock_agents([agent])
    if locked.lifecycle != Lifecycle.LIVE:
        return False
    move(locked, Lifecycle.PAUSED, verbs.AGENT_PAUSED, SYSTEM, reason)
    return True
