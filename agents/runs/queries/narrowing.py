"""What the queue can be narrowed to, beside a need: the page, its export and its saved views share it."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from agents.people.models import User
from agents.runs.models import RunException

NARROWED = """(%(agent)s::text = '' OR a.slug = %(agent)s)
  AND (%(kind)s::text = '' OR runs_runexception.kind = %(kind)s)
  AND (%(severity)s::text = '' OR runs_runexception.severity = %(severity)s)
  AND (NOT %(mine)s OR i.assignee_id = %(user)s)"""
"""`Only` for a statement over runs_runexception with its item `i` and its agent `a`."""


@dataclass(frozen=True)
class Only:
    """An empty word does not narrow. `mine` is what was assigned to the person who looks."""

    agent: str = ""
    kind: str = ""
    severity: str = ""
    mine: bool = False

    @property
    def params(self) -> dict[str, Any]:
        return asdict(self)

    def of(self, found: QuerySet[RunException], user: User) -> QuerySet[RunException]:
        """The same over the ORM."""
        columns = {"agent__slug": self.agent, "kind": self.kind, "severity": self.severity}
        found = found.filter(**{column: value for column, value in columns.items() if value})
        return found.filter(item__assignee=user) if self.mine else found
