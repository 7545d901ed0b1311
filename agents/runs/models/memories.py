"""What agents remember of a customer from one run to the next."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import Remembered
from agents.runs.models.runs import Run


class Memory(Row):
    """Something one agent learned in `run` about whoever `about` is the keyed hash of, kept until `until`.

    `corrected_by` is the person who last put the text right, or told it: then there is no run.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="memories")
    about = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=12, choices=Remembered.choices, default=Remembered.ANSWER)
    text = models.TextField()
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="memories")
    step_key = models.CharField(max_length=200)
    corrected_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step_key"], name="one_memory_per_step")]
        indexes = [
            models.Index(fields=["agent", "about", "-at"], name="memory_of_contact"),
            models.Index(fields=["agent", "-at"], name="memory_newest"),
            models.Index(fields=["until"], name="memory_until"),
        ]

    def __str__(self) -> str:
        return f"memory {short(self.pk)}"

    @property
    def audit_label(self) -> str:
        return str(self)
