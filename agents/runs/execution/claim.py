"""Claiming a run: one conditional UPDATE gives a worker the lease and a new fencing token."""

import os
import platform
import uuid
from functools import lru_cache

from django.conf import settings
from django.db import transaction

from agents.base.faults import faultpoint
from agents.base.sql import first
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent, FlowVersion
from agents.runs import hooks, verbs
from agents.runs.execution.rows import columns, load
from agents.runs.models import Run
from agents.runs.transitions import note

CLAIM = f"""
UPDATE runs_run r SET state = 'running', state_since = now(), reason = '', run_after = NULL,
  fence = fence + 1, attempt = attempt + 1, lease_owner = %s, lease_until = now() + make_interval(secs => %s),
  started_at = coalesce(started_at, now()),
  instruction_id = CASE WHEN fence > 0 THEN instruction_id ELSE
    (SELECT i.id FROM fleet_instruction i WHERE i.agent_id = a.id ORDER BY i.number DESC LIMIT 1) END
FROM fleet_agent a
WHERE r.id = %s AND r.state = 'queued' AND (r.run_after IS NULL OR r.run_after <= now()) AND r.signal = ''
  AND a.id = r.agent_id AND a.lifecycle NOT IN ('paused', 'retired')
RETURNING {columns(Run, "r")}, {columns(Agent, "a")}
"""


def worker() -> str:
    """Who we are, for people who look at a lease."""
    return f"{platform.node()}:{os.getpid()}"[:120]


@transaction.atomic
def claim(run_id: uuid.UUID) -> Run | None:
    """The run, ours until the lease ends; None when it is not to be had: taken, not due, paused, over, or gone."""
    row = first(CLAIM, [worker(), settings.RUN_LEASE, run_id])
    if row is None:
        return None
    run, run.agent = load(Run, row), load(Agent, row[len(Run._meta.concrete_fields) :])
    if run.flow_version_id:
        run.flow_version = version_of(run.flow_version_id)
    if run.fence == 1:
        _know(run)
    note(run, verbs.RUN_CLAIMED, actor=run.agent.actor, fence=run.fence, attempt=run.attempt)
    faultpoint("claim.after")
    return run


@lru_cache(256)
def version_of(pk: uuid.UUID) -> FlowVersion:
    """A flow version with its flow; neither is ever edited."""
    return FlowVersion.objects.select_related("flow").get(pk=pk)


def _know(run: Run) -> None:
    """What campaigns want the run to know, kept with it; asked once."""
    run.context_text, run.context_sha256 = hooks.context_source(run)
    if run.context_sha256:
        run.save(update_fields=["context_text", "context_sha256"])


def runnable(lifecycle: str) -> bool:
    """Whether an agent in this lifecycle may go on."""
    return lifecycle not in (Lifecycle.PAUSED, Lifecycle.RETIRED)
