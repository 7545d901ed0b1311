"""What happened, as a person may see it, and whether the queues are consumed."""

from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import User
from agents.runs.enums import DecisionState, ExceptionState, ItemState, Queue
from agents.runs.models import ReviewItem, Run, RunException

# A worker in the middle of a long run reads no canary, but its heartbeat renews the lease.
ALIVE = """
SELECT q.queue, greatest((SELECT seen_at FROM runs_canary WHERE queue = q.queue), (SELECT max(lease_until)
  - make_interval(secs => %(lease)s) FROM runs_run WHERE queue = q.queue AND state = 'running')) AS at
FROM unnest(%(queues)s::text[]) AS q(queue)
"""
"""Each queue, and when a worker of it last showed that it works; for statements written by hand."""
HEALTH = f"SELECT queue, extract(epoch FROM statement_timestamp() - at) FROM ({ALIVE}) alive"


def runs_for(user: User) -> QuerySet[Run]:
    """Every run of an agent the person may view."""
    return Run.objects.filter(agent__in=agents_for(user, Verb.VIEW))


def exceptions_for(user: User, verb: Verb = Verb.VIEW) -> QuerySet[RunException]:
    """Every exception of an agent on which the person holds `verb`."""
    return RunException.objects.filter(agent__in=agents_for(user, verb))


def waiting(user: User, verb: Verb = Verb.VIEW) -> QuerySet[RunException]:
    """What waits for a person, first what needs one most."""
    found = exceptions_for(user, verb).filter(state=ExceptionState.OPEN)
    return found.select_related("agent", "item").order_by("-item__rank", "opened_at", "pk")


def worst_of(agent: Agent, most: int) -> list[RunException]:
    """The agent's open exceptions with their items and runs, at most so many: read along the index of its items."""
    items = ReviewItem.objects.filter(agent=agent, exception__isnull=False).exclude(state=ItemState.DECIDED)
    items = items.select_related("exception__run", "exception__agent", "claimed_by").order_by("-rank", "pk")[:most]
    return [item.exception for item in items if item.exception]


def unanswered(run: Run) -> bool:
    """Whether a step of the run still has no answer: nobody decided, or what was decided can still be undone."""
    asked = run.exceptions.exclude(step_key="")
    return asked.filter(Q(state=ExceptionState.OPEN) | Q(item__decisions__state=DecisionState.PENDING)).exists()


def alive_of() -> dict[str, Any]:
    """What `ALIVE` asks for."""
    return {"lease": settings.RUN_LEASE, "queues": list(Queue.values)}


def health() -> dict[str, float | None]:
    """Seconds since a worker of each queue last showed that it works; None when none ever did."""
    with connection.cursor() as cursor:
        cursor.execute(HEALTH, alive_of())
        return {queue: None if age is None else float(age) for queue, age in cursor.fetchall()}
