"""Long-term memory: what an agent learned of a customer in earlier runs, as far as the policy keeps it (R-189)."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from agents.base.contacts import address_in, contact_key, spread
from agents.engine import Json
from agents.engine.state import storable
from agents.fleet.models import KnowledgeGrant
from agents.runs.enums import TERMINAL, Remembered
from agents.runs.models import Memory, Run
from agents.runs.services.rulebook import Policy
from agents.runs.services.threads import Threads

REMEMBERED_DAYS = "remembered_days"
"""The policy's rule: how long a memory is kept; 0 or nothing: none is made."""
LONGEST = 1000
MOST_OPEN = 5


def whom(team_id: uuid.UUID, given: Mapping[str, Json]) -> str:
    """The keyed hash of whom an input names by address, "" for nobody. A name alone is no one: two may share it."""
    told = spread(given)
    address = address_in(told) or address_in({"email": told.get("customer")})
    return contact_key(team_id, address) if address else ""


@dataclass(frozen=True)
class Memories:
    run: Run
    threads: Threads
    policy: Policy

    def recall(self, limit: int = 5, *, besides: Collection[str] = ()) -> list[dict[str, str]]:
        """What is remembered of this run's customer, newest first: by the agent, and by those that lend it theirs.

        So many answers, but for those of the runs `besides`, and so many of what the customer prefers and has.
        """
        if not (about := whom(self.run.agent.team_id, self.run.input)):
            return []
        with self.threads.query():
            lenders = KnowledgeGrant.objects.filter(agent=self.run.agent_id, memories=True).values("lender")
            mine = Q(agent=self.run.agent_id) | Q(agent__in=lenders)
            known = Memory.objects.filter(mine, about=about, until__gt=timezone.now()).exclude(run=self.run)
            known = known.exclude(kind=Remembered.ANSWER, run__in=[uuid.UUID(run) for run in besides]).order_by(
                "-at", "-pk"
            )
            fields = ("pk", "at", "agent__slug", "kind", "text")
            answers = known.filter(kind=Remembered.ANSWER).values_list(*fields)[:limit]
            lasting = known.exclude(kind=Remembered.ANSWER).values_list(*fields)[: 2 * limit]
            rows = [*answers, *lasting]
        return [
            {"id": str(pk), "at": at.isoformat(), "by": by, "kind": kind, "text": said}
            for pk, at, by, kind, said in rows
        ]

    def open_tickets(self) -> list[dict[str, str]]:
        """The customer's other runs of the team that are not over, newest first, as far as they took a turn."""
        if not (about := whom(self.run.agent.team_id, self.run.input)):
            return []
        with self.threads.query():
            mine = Run.objects.filter(turn__about=about).exclude(pk=self.run.pk).exclude(state__in=TERMINAL)
            rows = list(mine.select_related("agent").order_by("-turn__at")[:MOST_OPEN])
        return [
            {"run": str(run.pk), "at": run.created_at.isoformat(), "by": run.agent.slug, "state": run.state}
            for run in rows
        ]

    def remember(self, key: str, text: str, kind: Remembered = Remembered.ANSWER) -> bool:
        """Keep `text` about the run's customer, once for the step's key, as long as the policy says. Whether it is."""
        days = int(self.policy.rules.get(REMEMBERED_DAYS, 0))
        about = whom(self.run.agent.team_id, self.run.input)
        if not (days and about):
            return False
        until = timezone.now() + dt.timedelta(days=days)
        said = str(storable(text))[:LONGEST]
        row = Memory(agent_id=self.run.agent_id, about=about, text=said, run=self.run, kind=kind)
        row.step_key, row.until = key, until
        with self.threads.query():
            Memory.objects.bulk_create([row], ignore_conflicts=True)
        return True
