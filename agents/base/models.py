"""The abstract row, the outbox, the memory of idempotent answers, and the one place for credentials."""

from functools import cache
from typing import Any

from django.db import models
from django.utils import timezone

from agents.base.fields import EncryptedField
from agents.base.ids import uuid7


class Row(models.Model):
    """A UUIDv7 primary key; nothing else is shared by every row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: "models.Field[Any, Any]") -> str:
        """Django's own hashes every choice's translated word with each call: a third of the time of a long list."""
        value = getattr(self, field.attname)
        return str(_words(field).get(value, "" if value is None else value))


@cache
def _words(field: "models.Field[Any, Any]") -> dict[Any, Any]:
    """What each choice is called; a lazy text, put into the reader's language when it is shown."""
    return dict(field.flatchoices)


class Outbox(Row):
    """Mail, answers and webhook events waiting to leave: written by what caused them, relayed in order per key."""

    topic = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    payload = models.JSONField()
    available_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["available_at"], condition=models.Q(published_at=None), name="outbox_pending"),
            models.Index(fields=["key", "id"], condition=models.Q(published_at=None), name="outbox_in_order"),
        ]


class IdempotentReply(Row):
    """The first answer to an Idempotency-Key, kept so that the same request gets it again."""

    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="one_reply_per_idempotency_key")]


class Secret(Row):
    """A credential of somebody's: `owner_type` is a model label, `owner_id` its row, `name` what the secret is for."""

    owner_type = models.CharField(max_length=60)
    owner_id = models.UUIDField()
    name = models.CharField(max_length=60)
    value = EncryptedField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_type", "owner_id", "name"], name="one_secret_per_name")]
