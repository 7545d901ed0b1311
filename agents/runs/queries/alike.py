"""What is the same question again is one row of the queue and may be one decision."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import QuerySet

from agents.runs.enums import ExceptionState, ItemState
from agents.runs.models import RunException

SAME = """FROM runs_runexception e JOIN runs_reviewitem o ON o.exception_id = e.id
  WHERE e.state = 'open' AND e.agent_id = runs_runexception.agent_id AND e.fingerprint = runs_runexception.fingerprint
    AND e.severity = runs_runexception.severity AND (e.step_key = '') = (runs_runexception.step_key = '')"""
# The first that nobody put off or approved stands for the others; whoever is on it is on them too. Told from the items
# at hand: of a thousand alike, one of those that are listed leads, wherever the others stand.
PLACE = """row_number() OVER (PARTITION BY i.agent_id, runs_runexception.fingerprint, runs_runexception.severity,
  runs_runexception.step_key = '', i.state IN ('open', 'claimed') ORDER BY runs_runexception.id)"""
LEADS = "NOT (i.state = 'open' AND i.place > 1)"
FOLDED = f"""(SELECT count(*) {SAME} AND e.id > runs_runexception.id AND o.state = 'open'
  AND i.state IN ('open', 'claimed'))"""
"""For statements over runs_runexception with its item `i`."""


def folded_together(found: Sequence[RunException]) -> list[tuple[RunException, int]]:
    """Of open exceptions of one agent each question once, with how often it is asked; as they come."""
    asked = [(each.fingerprint, each.severity, not each.step_key) for each in found]
    many = Counter(asked)
    return [(each, many.pop(question)) for each, question in zip(found, asked, strict=True) if question in many]


def alike(exception: RunException) -> QuerySet[RunException]:
    """The other open exceptions that ask the same of the same agent's people, and that nobody has taken or put off."""
    same = RunException.objects.filter(
        agent=exception.agent_id,
        fingerprint=exception.fingerprint,
        severity=exception.severity,
        state=ExceptionState.OPEN,
        item__state=ItemState.OPEN,
    )
    same = same.filter(step_key="") if not exception.step_key else same.exclude(step_key="")
    return same.exclude(pk=exception.pk).select_related("item__agent").order_by("pk")
