"""Spans as OTLP takes them: the protobuf of opentelemetry.proto.collector.trace.v1, the few fields that we fill.

Field numbers: opentelemetry-proto 1.x, `trace.proto`, `common.proto`. tests/base/test_otlp.py holds what the reference
implementation makes of the same spans.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float
INTERNAL, CLIENT = 1, 3
"""Kinds of a span: within the process, and a call of another one."""
OK, ERROR = 1, 2
VARINT, FIXED, BYTES = 0, 1, 2
"""How a field's value is written (protobuf's wire types)."""


@dataclass(frozen=True, slots=True)
class Span:
    """`trace_id` 16 bytes, `span_id` and `parent_id` 8 (empty: the root); times in nanoseconds since 1970."""

    trace_id: bytes
    span_id: bytes
    name: str
    start_ns: int
    end_ns: int
    parent_id: bytes = b""
    kind: int = INTERNAL
    status: int = OK
    attributes: Mapping[str, Value] = field(default_factory=dict)


def request(spans: Iterable[Span], *, resource: Mapping[str, Value], scope: str) -> bytes:
    """An ExportTraceServiceRequest with all the spans of one resource and one scope."""
    scoped = _bytes(1, _bytes(1, scope.encode())) + b"".join(_bytes(2, _span(span)) for span in spans)
    return _bytes(1, _bytes(1, _attributes(1, resource)) + _bytes(2, scoped))


def response(rejected: int, why: str) -> bytes:
    """An ExportTraceServiceResponse: empty when every span was taken."""
    return _bytes(1, _key(1, VARINT) + _varint(rejected) + _bytes(2, why.encode())) if rejected else b""


def status(code: int, message: str) -> bytes:
    """A google.rpc.Status, with which OTLP says why nothing was taken."""
    return _key(1, VARINT) + _varint(code) + _bytes(2, message.encode())


def _span(span: Span) -> bytes:
    parts = [
        _bytes(1, span.trace_id),
        _bytes(2, span.span_id),
        _bytes(4, span.parent_id) if span.parent_id else b"",
        _bytes(5, span.name.encode()),
        _key(6, VARINT) + _varint(span.kind),
        _key(7, FIXED) + span.start_ns.to_bytes(8, "little"),
        _key(8, FIXED) + span.end_ns.to_bytes(8, "little"),
        _attributes(9, span.attributes),
        _bytes(15, _key(3, VARINT) + _varint(span.status)),
    ]
    return b"".join(parts)


def _attributes(number: int, attributes: Mapping[str, Value]) -> bytes:
    pairs = (_bytes(1, name.encode()) + _bytes(2, _value(value)) for name, value in attributes.items())
    return b"".join(_bytes(number, pair) for pair in pairs)


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return _bytes(1, value.encode())
    if isinstance(value, bool):
        return _key(2, VARINT) + _varint(value)
    if isinstance(value, int):
        return _key(3, VARINT) + _varint(value % 2**64)
    return _key(4, FIXED) + struct.pack("<d", value)


def _bytes(number: int, value: bytes) -> bytes:
    return _key(number, BYTES) + _varint(len(value)) + value


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
