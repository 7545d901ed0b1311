"""What is the same question again is one row of the queue and may be one decision."""

from collections import Counter
from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from agents.runs.enums import ExceptionState, ItemState
from agents.runs.models import ReviewItem, RunException

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
    asked = [_question(each) for each in found]
    many = Counter(asked)
    return [(each, many.pop(question)) for each, question in zip(found, asked, strict=True) if question in many]


def _question(exception: RunException) -> tuple[object, ...]:
    return exception.agent_id, exception.fingerprint, exception.severity, not exception.step_key


def folded_into(items: Collection[ReviewItem]) -> list[ReviewItem]:
    """Those that stand in the rows of these, because they ask the same. One query."""
    leads = [item.exception for item in items if item.exception and item.state in (ItemState.OPEN, ItemState.CLAIMED)]
    questions = {_question(each) for each in leads}
    prints = {each.fingerprint for each in leads}
    same = ReviewItem.objects.filter(agent__in={each.agent_id for each in leads}, state=ItemState.OPEN)
    same = same.filter(exception__fingerprint__in=prints, exception__state=ExceptionState.OPEN)
    others = same.exclude(pk__in=[item.pk for item in items]).select_related("agent", "exception__agent")
    return [item for item in others.order_by("pk") if item.exception and _question(item.exception) in questions]


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
