"""The trail for others: JSON lines with their proof, for `standalone.py`, and plain rows for a spreadsheet."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from agents.base.canonical import canonical, instant
from agents.base.cells import safe_cell
from agents.base.personal import told_in
from audit.hashing import FIELDS, LINE, merkle_levels, merkle_path, seal_fields, unpack
from audit.models import AuditEvent, AuditPayload, Seal
from audit.verbs import label

FORMAT = "rollcall-audit-1"
BATCH = 1000
COLUMNS = ("seq", "at", "actor", "verb", "what", "object", "label", "object_id", "agent_id", "request_id", "said")


def lines(events: QuerySet[AuditEvent], *, whole: bool, asked: dict[str, Any]) -> Iterator[str]:
    """A header, every seal, then `events` in sealed order, each with its path to its seal's root (None: unsealed).

    With `whole` the verifier also insists that no sealed event is missing.
    """
    seals = list(Seal.objects.defer("leaves").order_by("number"))
    yield _dump({"kind": FORMAT, "made_at": instant(timezone.now()), "whole": whole, "asked": asked})
    for seal in seals:
        yield _dump({"kind": "seal", **seal_fields(seal), "head": seal.head})
    proofs = _Proofs(seals)
    for batch in _batches(events.order_by("xid", "seq").annotate(line=RawSQL(LINE, (), output_field=CharField()))):
        payloads = _payloads(batch)
        for event in batch:
            values = dict(zip(FIELDS, json.loads(event.line), strict=True))  # type: ignore[attr-defined]
            payload = _may_see(payloads.get(event.pk))
            yield _dump({"kind": "event", **values, "payload": payload, "proof": proofs.of(event)})


def _may_see(payload: dict[str, Any] | None) -> dict[str, Any] | None:
    """The payload, unless it holds personal data and those are masked: as if erased, so that the proof holds."""
    body = (payload or {}).get("body")
    return payload if told_in(body) == body else None


def rows(events: QuerySet[AuditEvent]) -> Iterator[list[str | int]]:
    """The column names, then one row an event, newest first, safe to open in a spreadsheet."""
    yield list(COLUMNS)
    for batch in _batches(events.order_by("-seq")):
        payloads = _payloads(batch)
        for event in batch:
            yield [safe_cell(value) for value in _row(event, payloads.get(event.pk))]


def _row(event: AuditEvent, payload: dict[str, Any] | None) -> tuple[object, ...]:
    said = canonical(payload["body"]).decode() if payload else "(redacted)"
    return (
        event.seq,
        instant(event.at),
        event.actor_label,
        event.verb,
        label(event.verb),
        event.object_type,
        event.object_label,
        event.object_id,
        event.agent_id,
        event.request_id,
        said,
    )


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _batches(events: QuerySet[AuditEvent]) -> Iterator[list[AuditEvent]]:
    batch: list[AuditEvent] = []
    for event in events.iterator(chunk_size=BATCH):
        batch.append(event)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _payloads(events: list[AuditEvent]) -> dict[Any, dict[str, Any]]:
    found = AuditPayload.objects.filter(pk__in=[event.pk for event in events])
    return {payload.pk: {"salt": payload.salt, "body": payload.body} for payload in found}


class _Proofs:
    """Paths, one seal in memory at a time: events come in sealed order."""

    def __init__(self, seals: list[Seal]) -> None:
        self.seals = iter(seals)
        self.seal: Seal | None = next(self.seals, None)
        self.levels: list[list[bytes]] = []
        self.index: dict[int, int] = {}

    def of(self, event: AuditEvent) -> dict[str, Any] | None:
        while self.seal and event.xid >= self.seal.xid_to:
            self.seal, self.index = next(self.seals, None), {}
        if self.seal is None:
            return None
        if not self.index:
            self._load(self.seal)
        # An event that its seal never saw has no proof; the verifier then says so.
        place = self.index.get(event.seq, -1)
        path = [] if place < 0 else merkle_path(self.levels, place)
        return {"seal": self.seal.number, "index": place, "path": path}

    def _load(self, seal: Seal) -> None:
        leaves = unpack(bytes(Seal.objects.values_list("leaves", flat=True).get(pk=seal.pk)))
        self.levels = merkle_levels([digest for _, digest in leaves])
        self.index = {seq: place for place, (seq, _) in enumerate(leaves)}
