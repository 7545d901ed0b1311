"""What a person has answered about an agent's system is not asked again the next minute."""

import datetime as dt

from django.utils import timezone

from agents.fleet.models import Agent
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import RunException

ANSWERED_HOLDS = dt.timedelta(hours=12)
"""Until the next morning; what is still so then is asked again."""


def answered_lately(agent: Agent, kind: ExceptionKind, **same: str) -> bool:
    """Whether somebody closed the same trouble, by what its evidence says of when it began, a short while ago."""
    since = timezone.now() - ANSWERED_HOLDS
    closed = RunException.objects.filter(agent=agent, kind=kind, state=ExceptionState.RESOLVED, resolved_at__gt=since)
    return closed.filter(evidence__contains=same).exists()
