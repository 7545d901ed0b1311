"""What a person and an agent look at together, and how the agent can be spoken to."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch

from agents.connectors.contract import Adapter
from agents.connectors.enums import Method
from agents.connectors.models import InstructionReceipt
from agents.connectors.registry import adapter
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Instruction, Question
from agents.fleet.permissions import verbs_on
from agents.people.models import User
from agents.runs.queries.one_on_one import OneOnOne, one_on_one
from console.pages.one_on_one.round import Round, round_of

LINES = 8


@dataclass(frozen=True)
class Line:
    """One turn of the thread: something the agent was told, or something it was asked."""

    at: dt.datetime
    said: Instruction | None = None
    asked: Question | None = None


@dataclass(frozen=True)
class Talk:
    """The page of one agent for one person: how it is, and what was said to it and by it, the last first."""

    now: OneOnOne
    thread: list[Line]
    receipt: InstructionReceipt | None
    may: frozenset[Verb]
    adapter: Adapter
    round: Round

    @property
    def may_instruct(self) -> bool:
        return Verb.INSTRUCT in self.may

    @property
    def may_review(self) -> bool:
        return Verb.REVIEW in self.may

    @property
    def can_be_asked(self) -> bool:
        """Whether a question reaches it from here."""
        return self.adapter.can(Method.ASK)

    @property
    def can_be_told(self) -> bool:
        """Whether what people say reaches it from here, with a receipt."""
        return self.adapter.can(Method.PUSH_CONTEXT)

    @property
    def why_not_asked(self) -> str:
        """What its system says about being asked, where it cannot be."""
        return str(self.adapter.capabilities[Method.ASK].note)

    @property
    def deep_link(self) -> str:
        return self.adapter.deep_link()


def talk(agent: Agent, user: User) -> Talk:
    """In a fixed number of queries."""
    newest_first = Prefetch("receipts", InstructionReceipt.objects.select_related("user").order_by("-at"))
    said = list(
        Instruction.objects.filter(agent=agent)
        .select_related("created_by")
        .prefetch_related(newest_first)
        .order_by("-number")[:LINES]
    )
    asked = Question.objects.filter(agent=agent).select_related("user").order_by("-asked_at")[:LINES]
    thread = [Line(each.created_at, said=each) for each in said] + [Line(each.asked_at, asked=each) for each in asked]
    return Talk(
        now=one_on_one(agent),
        thread=sorted(thread, key=lambda line: line.at, reverse=True)[:LINES],
        receipt=next(iter(said[0].receipts.all()), None) if said else None,
        may=verbs_on(user, agent),
        adapter=adapter(agent),
        round=round_of(agent, user),
    )
