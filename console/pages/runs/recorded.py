"""What is on record of a run beside its steps: what it asked, what was decided, what the trail says."""

from django.db.models import Prefetch, QuerySet

from agents.runs.models import Decision, Run, RunException
from audit.models import AuditEvent


def exceptions_of(run: Run) -> QuerySet[RunException]:
    """With their decisions, oldest first."""
    decisions = Prefetch("item__decisions", Decision.objects.select_related("actor").order_by("at", "pk"))
    return run.exceptions.select_related("item").prefetch_related(decisions).order_by("opened_at", "pk")


def trail_of(run: Run, exceptions: list[RunException]) -> QuerySet[AuditEvent]:
    """What was recorded of the run, of its exceptions and of the decisions about them, oldest first."""
    about = [run.pk, *(each.pk for each in exceptions)]
    about += [decision.pk for each in exceptions for decision in each.item.decisions.all()]
    return AuditEvent.objects.filter(team_id=run.agent.team_id, object_id__in=about).order_by("seq")
