"""How we reach an agent's system, and how that went."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row, Secret
from agents.connectors.enums import ConnectionState, Problem
from agents.fleet.models import Agent

OWNER_TYPE = "connectors.Connection"
"""How this table's rows are called in `base.Secret`."""


class Connection(Row):
    """One agent's way to its system. Its credentials are `base.Secret` rows: written, never shown.

    `settings` are what the adapter needs beside them, by name. `tested_at` is when a test last passed, and
    `tested_rehearsal` whether only a stand-in answered it. `last_sync_at` is the last sync that succeeded, and
    `synced_until` the instant up to which everything has come. A sync in hand holds `syncing_until`.
    """

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="connection")
    base_url = models.CharField(_("address of its API"), max_length=300, blank=True)
    settings = models.JSONField(default=dict)
    every_s = models.PositiveIntegerField(_("seconds between syncs"), default=900)
    quiet_after_s = models.PositiveIntegerField(_("silent after so many seconds"), null=True)

    state = models.CharField(max_length=12, choices=ConnectionState.choices, default=ConnectionState.UNTRIED)
    state_since = models.DateTimeField(default=timezone.now)
    problem = models.CharField(max_length=10, choices=Problem.choices, blank=True)
    error = models.CharField(max_length=300, blank=True)
    tested_at = models.DateTimeField(null=True)
    tested_ms = models.PositiveIntegerField(null=True)
    tested_rehearsal = models.BooleanField(default=False)
    last_sync_at = models.DateTimeField(null=True)
    synced_until = models.DateTimeField(null=True)
    next_sync_at = models.DateTimeField(default=timezone.now)
    syncing_until = models.DateTimeField(null=True)

    opened: dict[str, str] | None = None
    """Its credentials, where `open_all` has read those of many connections at once."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ConnectionState.values), name="connection_state_known"),
            models.CheckConstraint(condition=Q(every_s__gte=60), name="connection_syncs_at_most_each_minute"),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.base_url}"

    @property
    def audit_label(self) -> str:
        return f"connection of {self.agent.slug}"

    @property
    def tried_live(self) -> bool:
        """Whether the vendor's own system, not a stand-in, has answered a test."""
        return self.tested_at is not None and not self.tested_rehearsal

    def secret(self, name: str) -> str:
        """The credential of that name, opened; empty when there is none."""
        if self.opened is not None:
            return self.opened.get(name, "")
        row = Secret.objects.filter(owner_type=OWNER_TYPE, owner_id=self.pk, name=name).first()
        return row.value.reveal() if row else ""


def open_all(connections: Iterable[Connection]) -> None:
    """Reads the credentials of all of them with one query."""
    opened: dict[Any, dict[str, str]] = {}
    for each in connections:
        each.opened = opened[each.pk] = {}
    rows = Secret.objects.filter(owner_type=OWNER_TYPE, owner_id__in=opened)
    for row in rows.only("owner_id", "name", "value"):
        opened[row.owner_id][row.name] = row.value.reveal()
