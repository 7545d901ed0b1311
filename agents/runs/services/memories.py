"""Long-term memory: what an agent learned of a customer in earlier runs, as far as the policy keeps it (R-189)."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from agents.base.contacts import address_in, contact_key, spread
from agents.engine import Json
from agents.engine.state import storable
from agents.fleet.models import KnowledgeGrant
from agents.runs.models import Memory, Run
from agents.runs.services.rulebook import Policy
from agents.runs.services.threads import Threads

REMEMBERED_DAYS = "remembered_days"
"""The policy's rule: how long a memory is kept; 0 or nothing: none is made."""
LONGEST = 1000


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

    def recall(self, limit: int = 5) -> list[dict[str, str]]:
        """What is remembered of this run's customer, newest first: by the agent, and by those that lend it theirs."""
        if not (about := whom(self.run.agent.team_id, self.run.input)):
            return []
        with self.threads.query():
            lenders = KnowledgeGrant.objects.filter(agent=self.run.agent_id, memories=True).values("lender")
            mine = Q(agent=self.run.agent_id) | Q(agent__in=lenders)
            known = Memory.objects.filter(mine, about=about, until__gt=timezone.now()).exclude(run=self.run)
            rows = known.order_by("-at", "-pk").values_list("pk", "at", "agent__slug", "text")[:limit]
            return [{"id": str(pk), "at": at.isoformat(), "by": by, "text": text} for pk, at, by, text in rows]

    def remember(self, key: str, text: str) -> bool:
        """Keep `text` about the run's customer, once for the step's key, as long as the policy says. Whether it is."""
        days = int(self.policy.rules.get(REMEMBERED_DAYS, 0))
        about = whom(self.run.agent.team_id, self.run.input)
        if not (days and about):
            return False
        until = timezone.now() + dt.timedelta(days=days)
        row = Memory(agent_id=self.run.agent_id, about=about, text=str(storable(text))[:LONGEST], run=self.run)
        row.step_key, row.until = key, until
        with self.threads.query():
            Memory.objects.bulk_create([row], ignore_conflicts=True)
        return True
