"""What a person and an agent look at together: what it did, what it waits for, what comes next, and what was said."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from agents.connectors.contract import Adapter
from agents.connectors.enums import Method
from agents.connectors.registry import adapter
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Instruction, KpiTarget
from agents.fleet.permissions import verbs_on
from agents.people.models import User
from agents.runs.models import DailyReview, RunException
from agents.runs.queries import Digest, digests, waiting
from agents.runs.queries.digests import digests_of
from agents.runs.window import Window
from console.pages.agents.picture import Fire, fires, targets

VERSIONS = 5
WINDOW = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Talk:
    """The page of one agent for one person. `review` is its newest day, whose window `did` counts."""

    agent: Agent
    review: DailyReview | None
    did: Digest
    waits: list[RunException]
    next: list[Fire]
    kpis: list[KpiTarget]
    instructions: list[Instruction]
    may: frozenset[Verb]
    adapter: Adapter

    @property
    def may_instruct(self) -> bool:
        return Verb.INSTRUCT in self.may

    @property
    def can_be_asked(self) -> bool:
        """Whether a question reaches it from here."""
        return self.adapter.can(Method.ASK)

    @property
    def why_not_asked(self) -> str:
        """What its system says about being asked, where it cannot be."""
        return str(self.adapter.capabilities[Method.ASK].note)

    @property
    def deep_link(self) -> str:
        return self.adapter.deep_link()


def talk(agent: Agent, user: User) -> Talk:
    """In a fixed number of queries."""
    review = DailyReview.objects.filter(agent=agent).order_by("-day").first()
    return Talk(
        agent=agent,
        review=review,
        did=_did(agent, review),
        waits=list(waiting(user).filter(agent=agent)[:20]),
        next=fires(agent),
        kpis=list(targets(agent)),
        instructions=list(_said(agent)),
        may=verbs_on(user, agent),
        adapter=adapter(agent),
    )


def _did(agent: Agent, review: DailyReview | None) -> Digest:
    now = timezone.now()
    if review:
        return digests([review], now)[review.pk]
    return digests_of([agent.pk], [agent.pk], [Window(max(agent.created_at, now - WINDOW), now)])[agent.pk]


def _said(agent: Agent) -> list[Instruction]:
    rows = Instruction.objects.filter(agent=agent).select_related("created_by")
    return list(rows.order_by("-number")[:VERSIONS])
