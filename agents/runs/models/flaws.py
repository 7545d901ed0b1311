"""What turned out wrong after all."""

from django.db import models
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import FoundBy
from agents.runs.models.review import RunException
from agents.runs.models.runs import Run


class Flaw(Row):
    """A finished run that turned out wrong, said once, and how that came out.

    `decision` is the batch decision that had let the run pass: with one, the flaw is an escape. `exception` is what was
    raised about the run; when a person ignores it, nothing was wrong (`agents.runs.queries.FLAWED`).
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="flaws")
    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="flaw")
    decision = models.ForeignKey("runs.Decision", on_delete=models.SET_NULL, null=True, related_name="escapes")
    exception = models.ForeignKey(RunException, on_delete=models.SET_NULL, null=True, related_name="+")
    found_by = models.CharField(max_length=10, choices=FoundBy.choices)
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["agent", "-found_at"], name="flaw_agent_newest")]

    def __str__(self) -> str:
        return self.get_found_by_display()

    @property
    def audit_label(self) -> str:
        return f"run {short(self.run_id)}"
