"""What other systems send: where it arrives, the bytes as they came, and what only importer and bench may know."""

from django.db import models
from django.utils import timezone

from agents.base.fields import EncryptedField
from agents.base.ids import short
from agents.base.models import Row
from agents.connectors.enums import InboxState, SourceMode
from agents.fleet.models import Agent
from agents.people.models import Team
from agents.runs.models import Run


class Source(Row):
    """An address `/hooks/<id>` with its secret. Without an `agent`, each event names the agent it is about.

    `aliases` maps names that senders use to the id of the agent a person said they mean. The previous secret is
    good until `previous_until`.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="sources")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="sources")
    name = models.CharField(max_length=80)
    mode = models.CharField(max_length=10, choices=SourceMode.choices, default=SourceMode.SIGNED)
    secret = EncryptedField()
    previous_secret = EncryptedField(null=True)
    previous_until = models.DateTimeField(null=True)
    aliases = models.JSONField(default=dict)
    is_paused = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="one_source_per_name")]

    def __str__(self) -> str:
        return self.name


class InboxEvent(Row):
    """One delivery, its bytes as they came; committed before it is acknowledged, parsed later, again if need be.

    `flags` say what had to be done to read it; `agent_name` is what it calls its agent, for what no agent of ours
    answers to; `reason` says why it is quarantined or failed; `taken` counts its runs.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="events")
    external_id = models.CharField(max_length=200)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=InboxState.choices, default=InboxState.RECEIVED)
    reason = models.CharField(max_length=300, blank=True)
    flags = models.JSONField(default=list)
    agent_name = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)
    parsed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="one_event_per_external_id"),
            models.CheckConstraint(condition=models.Q(state__in=InboxState.values), name="inbox_state_known"),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(state=InboxState.RECEIVED), name="inbox_unparsed"),
            models.Index(fields=["source", "-received_at"], name="inbox_newest"),
        ]

    def __str__(self) -> str:
        return f"event {short(self.pk)}"


class GroundTruth(Row):
    """What a benchmark knows of a run and no reviewer may see: read by importer and bench only (a test greps)."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField()
