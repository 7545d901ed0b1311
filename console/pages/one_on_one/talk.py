"""What a person and an agent look at together, and how the agent can be spoken to."""

from dataclasses import dataclass

from agents.connectors.contract import Adapter
from agents.connectors.enums import Method
from agents.connectors.registry import adapter
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Instruction
from agents.fleet.permissions import verbs_on
from agents.people.models import User
from agents.runs.queries.one_on_one import OneOnOne, one_on_one

VERSIONS = 6


@dataclass(frozen=True)
class Talk:
    """The page of one agent for one person: how it is, and what was said to it, the last first."""

    now: OneOnOne
    said: list[Instruction]
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
    said = Instruction.objects.filter(agent=agent).select_related("created_by").order_by("-number")[:VERSIONS]
    return Talk(one_on_one(agent, user), list(said), verbs_on(user, agent), adapter(agent))
