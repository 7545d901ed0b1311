"""The second person of a version that touches price, law or every agent."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.people.models import User
from campaigns.models.campaigns import ContextVersion


class Approval(Row):
    """Somebody else than who validated it approves a version as it stood at `revision`; an edit makes it void."""

    version = models.ForeignKey(ContextVersion, on_delete=models.CASCADE, related_name="approvals")
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "revision", "by"], name="one_approval_per_person")]
