"""Whom an item goes to, and why: by seat, hours, languages, functions and what they have open (R-055)."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.base.phrases import phrase
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import reviewers
from agents.people.enums import TeamRole
from agents.people.models import Availability, User
from agents.people.queries import here
from agents.runs.enums import HandTo, ItemState
from agents.runs.guards.tone import spoken_language
from agents.runs.ladders import Rung
from agents.runs.models import ReviewItem, RunException

OFF = phrase("%(person)s is not at work")
LANGUAGE = phrase("%(person)s does not answer in %(language)s", "language")
LANGUAGES = {"en": phrase("English"), "es": phrase("Spanish"), "pt": phrase("Portuguese")}
FUNCTION = phrase("%(person)s does not answer for this kind of agent")
FULL = phrase("%(person)s has enough open")


NOTHING = ("",) * 4
MOST = 1000
"""Open items that are counted."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who may decide it. `against`: what speaks against asking them now, the worst first, "" where it doesn't.

    `seat` is their place among the agent's owners, 0 the primary's; `open` is what is theirs and open.
    """

    user: User
    seat: int
    open: int
    against: tuple[str, ...]

    @property
    def key(self) -> tuple[float, ...]:
        """At work before able before free; then the primary owner, who answers for it, then who has least open."""
        return (*map(bool, self.against), self.seat > 0, self.open, self.seat)

    @property
    def why(self) -> str:
        return "; ".join(filter(None, self.against))


def holder(item: ReviewItem) -> User | None:
    """Whose turn it is: the assignee, else the agent's primary owner."""
    if item.assignee_id:
        return item.assignee
    seat = AgentOwner.objects.filter(agent=item.agent_id, role=OwnerRole.PRIMARY).select_related("user").first()
    return seat.user if seat else None


def asked_first(exception: RunException) -> tuple[User, str] | None:
    """Who is asked in place of the primary owner, and why; None where that is the primary owner.

    One query where none of the agent's people said when they work and what they answer for.
    """
    people = _people(exception.agent)
    if not any(_said(each) for each in people):
        return None
    ranked = _ranked(exception, people)
    primary = next((each for each in ranked if each.seat == 0), None)
    if primary is None or ranked[0] is primary:
        return None
    return ranked[0].user, primary.why


def whom(rung: Rung, exception: RunException, before: User | None) -> tuple[User | None, dt.datetime | None]:
    """Who is meant now: there, active, able to decide, and not who has it; or when the first of them is at work."""
    now, begins = timezone.now(), []
    allowed = {user.pk: user for user in _people(exception.agent)}
    for pk in _named(rung, exception, list(allowed.values())):
        if (user := allowed.get(pk)) is None or user == before:
            continue
        start = _next_start(user, now) if rung.in_hours else now
        if start <= now:
            return user, None
        begins.append(start)
    return None, min(begins, default=None)


def _people(agent: Agent) -> list[User]:
    """Whoever is there and may decide."""
    return list(here(reviewers(agent)).select_related("availability"))


def _named(rung: Rung, exception: RunException, people: list[User]) -> Iterator[uuid.UUID]:
    """The ids of those whom the rung means, the first to be asked first."""
    if rung.to == HandTo.BEST:
        yield from (each.user.pk for each in _ranked(exception, people))
    elif rung.to == HandTo.PERSON:
        yield from (each.pk for each in people if str(each.pk) == rung.person)
    else:
        yield from _seated(rung.to, exception.agent).values_list("pk", flat=True)


def _seated(to: str, agent: Agent) -> QuerySet[User]:
    if to == HandTo.CHIEF:
        chiefs = User.objects.filter(memberships__team=agent.team_id, memberships__role=TeamRole.CHIEF)
        return chiefs.order_by("memberships__since", "pk")
    return User.objects.filter(ownerships__agent=agent, ownerships__role=to).order_by("ownerships__since", "pk")


def _ranked(exception: RunException, people: list[User]) -> list[Candidate]:
    """Everybody who may decide it, whoever fits best first."""
    seats = dict(AgentOwner.objects.filter(agent=exception.agent).values_list("user", "role"))
    order, spoken = [role.value for role in OwnerRole], _language(exception)
    found = [
        Candidate(
            each,
            order.index(seats.get(each.pk, order[-1])),
            count := _open(each),
            _against(each, exception, spoken, count),
        )
        for each in people
    ]
    return sorted(found, key=lambda each: each.key)


def _against(user: User, exception: RunException, spoken: str, count: int) -> tuple[str, ...]:
    if (said := _said(user)) is None:
        return NOTHING
    now, told = timezone.now(), {"person": user, "language": LANGUAGES.get(spoken, spoken)}
    speaks = not (said.languages and spoken) or spoken in said.languages
    answers = not said.functions or exception.agent.function in said.functions
    free = said.most_open is None or count < said.most_open
    held = zip((OFF, LANGUAGE, FUNCTION, FULL), (_next_start(user, now) <= now, speaks, answers, free), strict=True)
    return tuple("" if well else against % told for against, well in held)


def _said(user: User) -> Availability | None:
    return getattr(user, "availability", None)


def _next_start(user: User, now: dt.datetime) -> dt.datetime:
    said = _said(user)
    return said.hours.next_start(now) if said and said.hours else now


def _language(exception: RunException) -> str:
    """The customer's, as far as the words of what the run was given tell it."""
    given = exception.run.input if exception.run else {}
    text = given.get("text")
    return spoken_language(text) if isinstance(text, str) else ""


def _open(user: User) -> int:
    """How many items are theirs and open; as the assignee, or as the primary owner of what is nobody else's."""
    primary = AgentOwner.objects.filter(user=user, role=OwnerRole.PRIMARY).values("agent")
    theirs = Q(assignee=user) | Q(assignee=None, agent__in=primary)
    return ReviewItem.objects.filter(theirs, exception__isnull=False).exclude(state=ItemState.DECIDED)[:MOST].count()
