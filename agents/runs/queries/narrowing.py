"""What the queue can be narrowed to, beside a need: the page, its export and its saved views share it."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import QuerySet

from agents.people.models import User
from agents.runs.enums import ExceptionKind, ExceptionState, Severity
from agents.runs.models import RunException

_KNOWN = ", ".join(
    f"('{kind}', '{severity}', '{step}', '{ExceptionState.OPEN}')"
    for kind in ExceptionKind
    for severity in Severity
    for step in ("", "waits")
)
FACETS = f"""
(SELECT *, concat_ws(' ', kind, severity, nullif(step_key, '')) AS facet
 FROM (VALUES {_KNOWN}) known (kind, severity, step_key, state)) AS runs_runexception
"""
"""Every facet of items (`ReviewItem.facet`), as what a need's condition can be asked of."""
FITTING = f"""
SELECT facet FROM {FACETS}
WHERE (%(kind)s::text = '' OR kind = %(kind)s) AND (%(severity)s::text = '' OR severity = %(severity)s)
"""
"""The facets that `Only` leaves; a need's condition may follow."""


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
