"""What was made on facts that no longer hold, and how far outputs were read."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row
from agents.runs.models import Run, RunException
from campaigns.models.campaigns import ContextVersion


class RedoReason(models.TextChoices):
    SUPERSEDED = "superseded", _("made on a version that was replaced")
    CONTRADICTS = "contradicts", _("says otherwise than the version in force")


class Redo(Row):
    """A run whose output has to be looked at, and perhaps made again. `said` is what it says otherwise."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="redos")
    version = models.ForeignKey(ContextVersion, on_delete=models.CASCADE, related_name="redos")
    reason = models.CharField(max_length=12, choices=RedoReason.choices)
    said = models.CharField(max_length=200, blank=True)
    exception = models.ForeignKey(RunException, on_delete=models.SET_NULL, null=True, related_name="+")
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "version"], name="one_redo_per_run_and_version")]


class Watermark(Row):
    """Until when outputs were compared with the facts; one row."""

    name = models.CharField(max_length=20, unique=True)
    until = models.DateTimeField()
