"""What the queue can be narrowed to, beside a need: the page, its export and its saved views share it."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from agents.people.models import User
from agents.runs.enums import ExceptionKind, ExceptionState, Severity
from agents.runs.models import RunException

FACETS = ", ".join(
    f"('{kind}', '{severity}', '{step}', '{ExceptionState.OPEN}')"
    for kind in ExceptionKind
    for severity in Severity
    for step in ("", "waits")
)
FITTING = f"""
SELECT concat_ws(' ', kind, severity, nullif(step_key, '')) AS facet
FROM (VALUES {FACETS}) AS runs_runexception (kind, severity, step_key, state)
WHERE (%(kind)s::text = '' OR kind = %(kind)s) AND (%(severity)s::text = '' OR severity = %(severity)s)
"""
"""The facets of items (`ReviewItem.facet`) that `Only` leaves; a need's condition may follow."""


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
