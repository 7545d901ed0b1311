"""The records that the shipped tools work on."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from agents.base.models import Row
from agents.people.models import Team


class Record(Row):
    """One record of a business system, as that system writes it: `body` is its document, `key` its own id."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    system = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "system", "kind", "key"], name="one_record_per_key")]
        indexes = [GinIndex(fields=["body"], name="record_body", opclasses=["jsonb_path_ops"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
