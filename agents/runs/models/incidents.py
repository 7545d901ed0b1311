"""An incident: what went wrong at once in one or more agents, who leads, what is done, and what was learned."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.people.models import Team, User
from agents.runs.enums import ExceptionKind, IncidentState, RootCause, Severity


class Runbook(Row):
    """What to do, a step a line, when an exception of this kind becomes an incident; the highest number is in force."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="runbooks")
    kind = models.CharField(max_length=20, choices=ExceptionKind.choices)
    number = models.PositiveIntegerField()
    text = models.TextField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "kind", "number"], name="one_runbook_per_number")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Incident(Row):
    """Opened from exceptions (`RunException.incident`), whose agents it concerns; `number` counts within the team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="incidents")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.HIGH)
    is_security = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=IncidentState.choices, default=IncidentState.OPEN)
    commander = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    contained_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    root_cause = models.CharField(max_length=20, choices=RootCause.choices, blank=True)
    resolution = models.TextField(blank=True)
    lessons = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="one_incident_per_number"),
            models.CheckConstraint(
                condition=~Q(state=IncidentState.RESOLVED) | (Q(resolved_at__isnull=False) & ~Q(root_cause="")),
                name="a_resolved_incident_says_why",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("opened_at")), name="incident_runs_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return f"incident {short(self.pk)}"


class IncidentTask(Row):
    """One step of the runbook as it was when the incident was opened."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    place = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "place"], name="one_task_per_place")]

    def __str__(self) -> str:
        return self.text


class IncidentNote(Row):
    """What somebody wrote down while it went on."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.text
