"""Which runs belong to one conversation."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.runs.models.runs import Run


class Turn(Row):
    """One run's turn in a conversation: `thread` is its keyed hash, `about` the customer's, "" for nobody named."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="turn")
    thread = models.CharField(max_length=64)
    about = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["thread", "-at"], name="turn_of_thread"),
            models.Index(fields=["about", "-at"], condition=~models.Q(about=""), name="turn_of_contact"),
        ]
