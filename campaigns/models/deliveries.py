"""Who was told what, and what came back. Never edited, only followed: recall is a new broadcast."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.models import Run, RunException
from campaigns.enums import CONFIRMED, RequestState, Rung
from campaigns.models.campaigns import Campaign, ContextVersion, Rendering
from campaigns.words import sha256, withdrawal


class Broadcast(Row):
    """One submission to many agents. `number` orders the broadcasts of a campaign: the newer one wins at every agent.

    With `auto_release`, those on hold are told once every canary has repeated what it was told. `recalls` is the
    broadcast it takes back; `version` is then the one that is restored, or None when there is none.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="broadcasts")
    number = models.PositiveIntegerField()
    version = models.ForeignKey(ContextVersion, on_delete=models.CASCADE, null=True, related_name="broadcasts")
    recalls = models.OneToOneField("self", on_delete=models.CASCADE, null=True, related_name="recalled_by")
    auto_release = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    idempotency_key = models.CharField(max_length=200)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="one_broadcast_per_number"),
            models.UniqueConstraint(fields=["campaign", "idempotency_key"], name="one_broadcast_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} #{self.number}"


class Exclusion(Row):
    """An agent that a broadcast left out, and why."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="exclusions")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "agent"], name="one_exclusion_per_broadcast_and_agent")
        ]


class Delivery(Row):
    """One agent's part of a broadcast: its own outbox row, claimed under a lease and a fencing token as a run is.

    `state` is the highest rung with a receipt. `due_at` is when a worker is to look at it next; None: it is done with.
    `probe_at` is when the agent is to be asked what it was told. `tries` counts those who claimed it. `on_hold`: the
    canaries hear it first. Without a rendering, the agent is told that the campaign no longer applies.
    """

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="deliveries")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    number = models.PositiveIntegerField()
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="deliveries")
    rendering = models.ForeignKey(Rendering, on_delete=models.CASCADE, null=True, related_name="deliveries")
    state = models.CharField(max_length=16, choices=Rung.choices, default=Rung.QUEUED)
    state_since = models.DateTimeField(default=timezone.now)
    on_hold = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    probe_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    exception = models.ForeignKey(RunException, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "agent"], name="one_delivery_per_broadcast_and_agent"),
            models.CheckConstraint(condition=Q(state__in=Rung.values), name="delivery_state_known"),
        ]
        indexes = [
            models.Index(fields=["probe_at"], condition=Q(probe_at__isnull=False), name="delivery_to_probe"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_due"),
            # It serves the foreign key too: beside an index of its own that one was used, for want of statistics, and
            # a claim looked at all deliveries of the campaign for each that was due.
            models.Index(fields=["campaign", "agent", "-number"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"delivery {short(self.pk)}"

    @property
    def is_confirmed(self) -> bool:
        return self.state in CONFIRMED

    @property
    def text(self) -> str:
        """What the agent is to know."""
        return self.rendering.text if self.rendering else withdrawal(self.campaign.name, self.agent.language)

    @property
    def sha256(self) -> str:
        return sha256(self.text)


class Receipt(Row):
    """Evidence that a delivery reached a rung: what was read back, with its SHA-256, or who did it by hand."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="receipts")
    rung = models.CharField(max_length=16, choices=Rung.choices)
    at = models.DateTimeField(default=timezone.now)
    evidence = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    minutes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        # It may fail again after a person let it try again.
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "rung"], condition=~Q(rung=Rung.FAILED), name="one_receipt_per_rung"
            )
        ]

    def __str__(self) -> str:
        return self.get_rung_display()


class BroadcastRequest(Row):
    """Asks the owners of an agent that is not one's own to tell it, too."""

    version = models.ForeignKey(ContextVersion, on_delete=models.CASCADE, related_name="requests")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "agent"], name="one_request_per_version_and_agent")]


class ContextUse(Row):
    """A run was given a version: written in the transaction that claims the run."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="context_uses")
    version = models.ForeignKey(ContextVersion, on_delete=models.CASCADE, related_name="uses")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "version"], name="one_use_per_run_and_version")]
