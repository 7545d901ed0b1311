"""All that is open in the queue, the worst first, from its first item on, however many there are."""

import heapq
import uuid
from collections.abc import Iterator

from django.db import connection
from django.db.models import Q, QuerySet

from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs.enums import ItemState
from agents.runs.models import ReviewItem
from agents.runs.queries.narrowing import FITTING, Only
from agents.runs.queries.needs import Need, named
from agents.runs.queries.worst import COUNTED

FIRST, CHUNK = 20, 160
"""So many of an agent's items are read at first, for the first row is waited for, and at most at once: as many are held
of every agent."""
ASKED = ("kind", "severity", "title", "opened_at")
OF_ITEM = ("agent", "state", "rank", "rank_reason", "assignee__name", "assignee__email")
SHOWN = (*OF_ITEM, *(f"exception__{name}" for name in ASKED))
"""All that is read of an item: what a customer wrote and the evidence are most of a row."""


def everything(user: User, team: Team, need: Need | str, only: Only) -> Iterator[ReviewItem]:
    """Every item, folded or not, with its agent and what is SHOWN of it; one query a chunk of each agent.

    It is read as it is taken: what is decided meanwhile is left out, what is ranked anew may come twice or not at all.
    """
    found = narrowed(user, need, only).select_related("exception", "assignee").only(*SHOWN)
    mine = agents_for(user, Verb.REVIEW).filter(team=team)
    agents = list(mine.filter(slug=only.agent) if only.agent else mine)
    return heapq.merge(*(_of(agent, found) for agent in agents), key=_place)


def counted(user: User, team: Team, need: Need | str, only: Only) -> str:
    """How many they are, as far as anybody counts."""
    mine = agents_for(user, Verb.REVIEW).filter(team=team)
    found = narrowed(user, need, only).filter(agent__in=mine.filter(slug=only.agent) if only.agent else mine)
    many = found[: COUNTED + 1].count()
    return str(many) if many <= COUNTED else f"{COUNTED}+"


def narrowed(user: User, need: Need | str, only: Only) -> QuerySet[ReviewItem]:
    """What is open of every agent, by the facets that fit; one query where there is anything to fit."""
    found = ReviewItem.objects.filter(exception__isnull=False).exclude(state=ItemState.DECIDED)
    found = found.filter(assignee=user) if only.mine else found
    return found.filter(facet__in=_fitting(need, only)) if need or only.kind or only.severity else found


def after(agent: uuid.UUID, found: QuerySet[ReviewItem], last: ReviewItem | None) -> QuerySet[ReviewItem]:
    """The agent's, from the next one after `last` on, along the index of its items."""
    found = found.filter(agent=agent).order_by("-rank", "pk")
    if last is not None:
        found = found.filter(Q(rank__lt=last.rank) | Q(pk__gt=last.pk), rank__lte=last.rank)
    return found


def _fitting(need: Need | str, only: Only) -> list[str]:
    condition, params = named(Need(need)) if need else ("true", {})
    with connection.cursor() as cursor:
        cursor.execute(f"{FITTING} AND {condition}", params | only.params)
        return [facet for (facet,) in cursor.fetchall()]


def _of(agent: Agent, found: QuerySet[ReviewItem]) -> Iterator[ReviewItem]:
    last, many = None, FIRST
    while rows := list(after(agent.pk, found, last)[:many]):
        for row in rows:
            row.agent = agent
        yield from rows
        last, many = rows[-1], min(2 * many, CHUNK)


def _place(item: ReviewItem) -> tuple[float, uuid.UUID]:
    return -item.rank, item.pk
