"""Later moments of the demo's day: its night run here instead of by the workers, and its waiting items decided."""

from django.db.models import QuerySet

from agents.people.models import User
from agents.runs.actions import decide
from agents.runs.enums import DecisionKind, ItemState, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import ReviewItem, Run
from console.demo.build import SLUG


def run_night() -> int:
    """Carry out every queued run of the demo team; how many were."""
    ids = list(_runs().filter(state=RunState.QUEUED).order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        drive(pk)
    return len(ids)


def decide_all() -> int:
    """The manager approves each proposal and closes each question; then the answered runs go on."""
    manager = User.objects.get(email="manager@demo.example")
    waiting = ReviewItem.objects.filter(agent__team__slug=SLUG, agent__team__is_demo=True).exclude(
        state=ItemState.DECIDED
    )
    for item in waiting.filter(agent__owners__user=manager).select_related("exception", "agent"):
        _decide(item, manager)
    run_night()
    return waiting.count()


def _decide(item: ReviewItem, manager: User) -> None:
    exception = item.exception
    if exception and exception.proposal is not None:
        kind, payload, sha = DecisionKind.APPROVE, None, exception.proposal_sha256
    else:
        kind, payload, sha = DecisionKind.RESPOND, {"action": "close"}, ""
    decide(item, actor=manager, kind=kind, payload=payload, proposal_sha256=sha, idempotency_key=f"demo-{item.pk}")


def _runs() -> QuerySet[Run]:
    return Run.objects.filter(agent__team__slug=SLUG, agent__team__is_demo=True)
