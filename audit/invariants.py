"""What must hold of the trail at every moment, for `manage.py check_invariants`."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef

from audit.models import AuditEvent, AuditPayload
from audit.verbs import REDACTED
from audit.verification import verify


def events_and_payloads_match() -> list[str]:
    """I6, the trail's half: an event and what it says were written together, and only a redaction parts them."""
    payloads = AuditPayload.objects.filter(event_id=OuterRef("pk"))
    redactions = AuditEvent.objects.filter(verb=REDACTED, object_id=OuterRef("pk"))
    silent = AuditEvent.objects.exclude(Exists(payloads)).exclude(Exists(redactions)).order_by("seq")
    orphans = AuditPayload.objects.exclude(Exists(AuditEvent.objects.filter(pk=OuterRef("pk"))))
    return [
        *(f"Event {seq} says nothing, and nobody redacted it." for seq in silent.values_list("seq", flat=True)[:100]),
        *(f"Payload {pk} belongs to no event." for pk in orphans.values_list("pk", flat=True)[:100]),
    ]


def trail_verifies() -> list[str]:
    """I7: nothing was changed since it was sealed, held against the heads published outside the database."""
    return [finding.message for finding in verify().findings]


INVARIANTS: list[tuple[str, Callable[[], list[str]]]] = [
    ("I6 every event has what it says", events_and_payloads_match),
    ("I7 the trail verifies", trail_verifies),
]
