"""The one writer of what is observed."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from agents.base.canonical import plain
from agents.base.hooks import notify
from agents.fleet.enums import Observed
from agents.fleet.models import Agent, AgentStatus


@transaction.atomic
def observe(agent: Agent, state: Observed, evidence: Mapping[str, Any]) -> None:
    """What is true of the agent now, and why we think so. `since` stays while the state does; open pages are told."""
    seen = {"state": state, "evidence": plain(dict(evidence)), "observed_at": Now()}
    since = Case(When(state=Value(state), then=F("since")), default=Now())
    rows = AgentStatus.objects.filter(agent=agent)
    if not rows.update(since=since, **seen):
        AgentStatus.objects.bulk_create([AgentStatus(agent=agent, state=state)], ignore_conflicts=True)
        rows.update(since=since, **seen)
    notify("fleet")
