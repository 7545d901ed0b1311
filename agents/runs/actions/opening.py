"""Opening an agent's day when its owner's night has ended."""

import datetime as dt

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.hooks import notify
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.fleet.queries import zones_of_nights
from agents.fleet.quorum import lock_agents
from agents.people.models import Team
from agents.runs import verbs
from agents.runs.enums import OPEN_REVIEWS, ReviewState
from agents.runs.models import DailyReview
from agents.runs.window import day_to_review
from audit.actions import record

LOOKED_AT = (ReviewState.APPROVED, ReviewState.NEEDS_CHANGE, ReviewState.ESCALATED)
"""A skipped day was not looked at: the next window begins where the last one that was looked at ended."""
REVIEWED = (Lifecycle.LIVE, Lifecycle.ONBOARDING)


@transaction.atomic
def open_reviews(team: Team, day: dt.date | None = None, *, now: dt.datetime | None = None) -> list[DailyReview]:
    """Opens the review of each live or onboarding agent whose owner's night has ended; returns the new ones.

    With `day`, of that day wherever it has none yet, whether or not the night is over. An earlier day that nobody
    decided becomes skipped: its window passes on to the new one. Opened twice, nothing happens.
    """
    now = now or timezone.now()
    agents = list(Agent.objects.filter(team=team, lifecycle__in=REVIEWED).select_related("team"))
    days = _days(agents, day, now)
    due = lock_agents(_without(agents, days))
    due = _without(due, days)  # another opener may have been faster
    _miss(due)
    since = _last_looks(due)
    new = [
        DailyReview(agent=agent, day=days[agent], since=since.get(agent.pk) or agent.created_at, opened_at=now)
        for agent in due
    ]
    if new:
        DailyReview.objects.bulk_create(new)
        notify("queue")
    return new


def _days(agents: list[Agent], day: dt.date | None, now: dt.datetime) -> dict[Agent, dt.date]:
    """The day to review of each agent that has one now."""
    if day:
        return dict.fromkeys(agents, day)
    found = {agent: day_to_review(now, zone) for agent, zone in zones_of_nights(agents).items()}
    return {agent: due for agent, due in found.items() if due}


def _without(agents: list[Agent], days: dict[Agent, dt.date]) -> list[Agent]:
    """Those that have no review of their day, nor of a later one."""
    newest = DailyReview.objects.filter(agent__in=agents).values_list("agent").annotate(last=Max("day"))
    last = dict(newest.order_by())
    return [agent for agent in agents if agent in days and (agent.pk not in last or last[agent.pk] < days[agent])]


def _last_looks(agents: list[Agent]) -> dict[object, dt.datetime]:
    rows = DailyReview.objects.filter(agent__in=agents, state__in=LOOKED_AT).values_list("agent")
    return dict(rows.annotate(last=Max("until")).order_by())


def _miss(agents: list[Agent]) -> None:
    """What is still open of earlier days was not reviewed."""
    missed = DailyReview.objects.filter(agent__in=agents, state__in=OPEN_REVIEWS).select_related("agent")
    for review in missed.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        review.state, review.state_since = ReviewState.SKIPPED, timezone.now()
        review.save(update_fields=["state", "state_since"])
        record(
            verbs.REVIEW_MISSED,
            actor=SYSTEM,
            team_id=review.agent.team_id,
            obj=review,
            agent_id=review.agent_id,
            day=review.day,
        )
