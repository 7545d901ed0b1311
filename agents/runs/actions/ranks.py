"""Ranking anew what is open: runs go on, agents change their value, signals are added."""

import uuid

from agents.runs.enums import ItemState
from agents.runs.models import ReviewItem, RunException
from agents.runs.ranking import cases_of, judge, was_escalated, weights_of

BATCH = 500


def rank_items(team_id: uuid.UUID | None = None) -> int:
    """Rank every open item again, of one team or of all; how many. Six queries and an update for each 500."""
    items = ReviewItem.objects.exclude(state=ItemState.DECIDED).filter(exception__isnull=False)
    if team_id:
        items = items.filter(agent__team_id=team_id)
    ids = list(items.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        _rank(ids[start : start + BATCH])
    return len(ids)


def _rank(ids: list[uuid.UUID]) -> None:
    items = list(ReviewItem.objects.filter(pk__in=ids).select_related("exception__agent"))
    exceptions: list[RunException] = [item.exception for item in items if item.exception]
    raised = [item for item in items if was_escalated(item)]
    escalated = {item.exception_id for item in raised if item.exception_id}
    weights = weights_of({exception.agent.team_id for exception in exceptions})
    for item, case in zip(items, cases_of(exceptions, escalated), strict=True):
        item.rank, item.rank_reason = judge(case, weights[case.facts.exception.agent.team_id])
    # Only the two columns: whoever decides one of them meanwhile is not overwritten.
    ReviewItem.objects.bulk_update(items, ["rank", "rank_reason"])
