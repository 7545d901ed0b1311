"""The trail. No foreign keys at all: it outlives whatever it speaks of (design.md §1)."""

from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from agents.base.ids import uuid7
from agents.base.models import Row


class AuditEvent(Row):
    """One act of a person, one transition, effect or refusal. Insert only, by role and by trigger."""

    seq = models.BigIntegerField(unique=True, db_default=RawSQL("nextval('audit_event_seq')", ()))
    xid = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", ()), db_index=True)
    at = models.DateTimeField(db_default=Now())
    team_id = models.UUIDField(null=True)
    agent_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=200)
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField(null=True)
    object_label = models.CharField(max_length=200)
    correlation_id = models.UUIDField()
    request_id = models.CharField(max_length=64, blank=True)
    payload_sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["team_id", "-seq"], name="audit_team_newest"),
            models.Index(fields=["object_id", "-seq"], name="audit_object_newest"),
            models.Index(fields=["agent_id", "-seq"], name="audit_agent_newest"),
            models.Index(fields=["correlation_id"], name="audit_correlation"),
            models.Index(fields=["request_id"], condition=~models.Q(request_id=""), name="audit_request"),
        ]


class AuditPayload(models.Model):
    """What the event says beyond its columns: apart and salted, so that erasing it does not break the proof."""

    event_id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    salt = models.CharField(max_length=32)
    body = models.JSONField()


class Seal(Row):
    """The Merkle root over every event whose transaction lies in [xid_from, xid_to), chained to the seal before it."""

    number = models.BigIntegerField(unique=True)
    xid_from = models.BigIntegerField()
    xid_to = models.BigIntegerField()
    events = models.PositiveIntegerField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    root = models.CharField(max_length=64)
    # Per event, in order: its seq as 8 bytes, its leaf hash as 32. The root alone could not say which event is bad.
    leaves = models.BinaryField()
    previous = models.CharField(max_length=64)
    head = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
