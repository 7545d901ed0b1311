"""Is the trail what it was? Every event is hashed anew and held against its seal, every seal against the heads."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit.hashing import EMPTY, LINE, leaf, merkle_root, payload_sha256, seal_head, unpack
from audit.heads import published
from audit.models import AuditEvent, Seal
from audit.verbs import REDACTED

UNPUBLISHED = dt.timedelta(minutes=1)
"""A seal may be this young and not yet published."""
ROWS = f"""
SELECT seq, xid, {LINE}, payload_sha256, id::text, salt, body::text
FROM audit_auditevent LEFT JOIN audit_auditpayload ON event_id = id
WHERE xid < %s ORDER BY xid, seq
"""
Line = tuple[int, int, str, str, str, str | None, str | None]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was; `seq` is the first event that can no longer be trusted for it."""

    code: str
    seq: int
    message: str


@dataclass
class Report:
    """What `verify` saw. The trail is intact when there are no findings."""

    findings: list[Finding] = field(default_factory=list)
    seals: int = 0
    events: int = 0
    redacted: int = 0
    unsealed: int = 0
    head: str = EMPTY

    @property
    def first_bad(self) -> int | None:
        return min((finding.seq for finding in self.findings), default=None)

    def add(self, code: str, seq: int, message: str) -> None:
        self.findings.append(Finding(code, seq, message))


def verify(heads: Path | None = None) -> Report:
    """Verifies the whole trail against the heads published in AUDIT_HEAD_FILE, or in the file `heads`.

    Reads every event, 50,000 a second or more; call it outside a transaction.
    """
    report = Report()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        end = _verify_seals(report, published(heads))
        report.unsealed = AuditEvent.objects.filter(xid__gte=end).count()
    return report


def _verify_seals(report: Report, heads: dict[int, dict[str, Any]]) -> int:
    redactions = AuditEvent.objects.filter(verb=REDACTED).values_list("object_id", flat=True)
    redacted = {str(event) for event in redactions}
    end = Seal.objects.order_by("number").values_list("xid_to", flat=True).last() or 0
    rows, waiting = _rows(end), list[Line]()
    before: Seal | None = None
    for seal in Seal.objects.order_by("number").iterator(chunk_size=50):
        _verify_chain(report, seal, before)
        _verify_anchor(report, seal, heads.pop(seal.number, None))
        _verify_events(report, seal, _until(rows, waiting, seal.xid_to), redacted)
        before = seal
        report.seals += 1
        report.head = seal.head
    for number, head in sorted(heads.items()):
        report.add(
            "cut", head["first_seq"], f"Seal {number} was published and is gone: the end of the trail was cut off."
        )
    return end


def _rows(end: int) -> Iterator[Line]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(ROWS, [end])
        while rows := cursor.fetchmany(5000):
            yield from rows


def _until(rows: Iterator[Line], waiting: list[Line], end: int) -> Iterator[Line]:
    while row := waiting.pop() if waiting else next(rows, None):
        if row[1] >= end:
            waiting.append(row)
            return
        yield row


def _verify_chain(report: Report, seal: Seal, before: Seal | None) -> None:
    number, xid, head = (before.number + 1, before.xid_to, before.head) if before else (1, 0, EMPTY)
    if (seal.number, seal.xid_from, seal.previous) != (number, xid, head):
        report.add("chain", seal.first_seq, f"Seal {seal.number} does not follow the seal before it.")
    if seal.head != seal_head(seal):
        report.add("seal", seal.first_seq, f"Seal {seal.number} was changed: its head does not match what it says.")


def _verify_anchor(report: Report, seal: Seal, head: dict[str, Any] | None) -> None:
    if head is None:
        if timezone.now() - seal.sealed_at > UNPUBLISHED:
            report.add(
                "unpublished", seal.first_seq, f"The head of seal {seal.number} is not among the published heads."
            )
    elif head["head"] != seal.head:
        report.add("anchor", seal.first_seq, f"Seal {seal.number} is not the one whose head was published.")


def _verify_events(report: Report, seal: Seal, rows: Iterator[Line], redacted: set[str]) -> None:
    leaves = unpack(bytes(seal.leaves))
    if not leaves or len(leaves) != seal.events or merkle_root([digest for _, digest in leaves]) != seal.root:
        report.add("root", seal.first_seq, f"Seal {seal.number} was changed: its root does not match its leaves.")
    expected = dict(leaves)
    for seq, _, line, sha256, event, salt, body in rows:
        report.events += 1
        _verify_event(report, seq, expected.pop(seq, None), leaf(line))
        _verify_payload(report, seq, sha256, salt, body, event in redacted)
    for seq in sorted(expected):
        report.add("missing", seq, f"Event {seq} is missing.")


def _verify_event(report: Report, seq: int, expected: bytes | None, found: bytes) -> None:
    if expected is None:
        report.add("inserted", seq, f"Event {seq} was inserted after its time was sealed.")
    elif expected != found:
        report.add("changed", seq, f"Event {seq} was changed.")


def _verify_payload(report: Report, seq: int, sha256: str, salt: str | None, body: str | None, redacted: bool) -> None:
    if salt is None or body is None:
        report.redacted += 1
        if not redacted:
            report.add("payload", seq, f"What event {seq} said is gone, and nobody redacted it.")
    elif payload_sha256(salt, json.loads(body)) != sha256:
        report.add("payload", seq, f"What event {seq} said was changed.")
