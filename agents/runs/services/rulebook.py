"""The prompts and the policy in force, and what the agent's people told it."""

import uuid
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Case, F, When

from agents.engine import Json
from agents.engine.prompts import Prompt
from agents.fleet.models import Instruction, PolicyVersion, PromptVersion
from agents.runs.services.threads import Threads

LIBRARY = "roles"
"""The `flow` of prompts that any flow may use."""


@dataclass(frozen=True)
class Prompts:
    team_id: uuid.UUID
    agent_id: uuid.UUID
    flow: str
    threads: Threads

    def get(self, role: str) -> Prompt:
        """The newest prompt of the role: the agent's own, else the team's; the flow's, else the library's.

        Raises LookupError when there is none.
        """
        with self.threads.query():
            rows = PromptVersion.objects.filter(team_id=self.team_id, flow__in=(self.flow, LIBRARY), role=role)
            mine = rows.filter(agent_id=self.agent_id) | rows.filter(agent=None)
            library = Case(When(flow=self.flow, then=0), default=1)
            found = mine.order_by(F("agent").asc(nulls_last=True), library, "-number").first()
        if found is None:
            raise LookupError(f"No prompt for the role “{role}” of “{self.flow}”.")
        return Prompt(f"{found.flow}/{role}/{found.number}", found.system, found.task)


@dataclass(frozen=True)
class Policy:
    team_id: uuid.UUID
    threads: Threads

    @cached_property
    def version(self) -> PolicyVersion | None:
        """The newest version of the team's policy, read once a run."""
        with self.threads.query():
            return PolicyVersion.objects.filter(team_id=self.team_id).order_by("-number").first()

    @property
    def number(self) -> int:
        """Of that version; 0 when the team has no policy."""
        return self.version.number if self.version else 0

    @property
    def rules(self) -> dict[str, Json]:
        """Rules a machine can check; none when the team has no policy."""
        return dict(self.version.rules) if self.version else {}


@dataclass(frozen=True)
class Instructions:
    """The version that the run was given; never a newer one, however long the run waits."""

    instruction_id: uuid.UUID | None
    threads: Threads

    @cached_property
    def version(self) -> Instruction | None:
        """Read once a run, when a node asks."""
        if self.instruction_id is None:
            return None
        with self.threads.query():
            return Instruction.objects.filter(pk=self.instruction_id).first()

    def added_to(self, prompt: Prompt) -> Prompt:
        """The prompt with what the agent's people told it, as ours to follow; its version names theirs."""
        if (given := self.version) is None:
            return prompt
        task = f"{prompt.task}\n\nThe people responsible for you say:\n{given.text}"
        return replace(prompt, task=task, version=f"{prompt.version}+v{given.number}")
