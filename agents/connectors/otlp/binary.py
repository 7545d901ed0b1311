"""An ExportTraceServiceRequest as protobuf. Field numbers: opentelemetry-proto 1.x, `trace.proto`, `common.proto`."""

import struct
from collections.abc import Iterator
from typing import Any

from agents.base.protobuf import Garbled, fields, signed
from agents.connectors.otlp.spans import ERROR, BadSpan, Heard, Span

DEPTH = 32
"""Levels of an attribute's value."""


def read_binary(body: bytes) -> Heard:
    """The request's spans; one that cannot be read sinks no other. Raises Garbled."""
    heard = Heard([])
    for resource_spans in _messages(body, 1):
        resource = _resource(resource_spans)
        for scope_spans in _messages(resource_spans, 2):
            for span in _messages(scope_spans, 2):
                try:
                    heard.spans.append(_span(span, resource))
                except (Garbled, BadSpan, UnicodeDecodeError) as why:
                    heard.reject(str(why))
    return heard


def _resource(resource_spans: bytes) -> dict[str, Any]:
    return {name: value for one in _messages(resource_spans, 1) for name, value in _attributes(one, 1)}


def _span(message: bytes, resource: dict[str, Any]) -> Span:
    found: dict[int, Any] = dict(fields(message))
    failed, said = _status(found.get(15, b""))
    raised = [_raised(event) for event in _messages(message, 11)] if failed else []
    return Span(
        trace_id=_bytes(found.get(1, b"")).hex(),
        span_id=_bytes(found.get(2, b"")).hex(),
        parent_id=_bytes(found.get(4, b"")).hex(),
        name=_bytes(found.get(5, b"")).decode(),
        start_ns=_time(found.get(7, bytes(8))),
        end_ns=_time(found.get(8, bytes(8))),
        failed=failed,
        error=next(filter(None, [said, *raised]), ""),
        attributes=dict(_attributes(message, 9)),
        resource=resource,
    )


def _status(message: int | bytes) -> tuple[bool, str]:
    found: dict[int, Any] = dict(fields(_bytes(message)))
    return found.get(3) == ERROR, _bytes(found.get(2, b"")).decode()


def _raised(event: bytes) -> str:
    """What an exception's event says."""
    told = dict(_attributes(event, 3))
    return str(told.get("exception.message") or told.get("exception.type") or "")


def _attributes(message: bytes, number: int) -> Iterator[tuple[str, Any]]:
    for pair in _messages(message, number):
        found: dict[int, Any] = dict(fields(pair))
        yield _bytes(found.get(1, b"")).decode(), _value(_bytes(found.get(2, b"")))


def _value(message: bytes, depth: int = 0) -> Any:
    """AnyValue: text, truth, whole number, fraction, list, pairs or bytes; nothing where it is empty."""
    if depth > DEPTH:
        raise BadSpan("an attribute is nested too deep")
    for number, raw in fields(message):
        if isinstance(raw, int):
            return {2: bool(raw), 3: signed(raw)}.get(number)
        match number:
            case 1:
                return raw.decode()
            case 4 if len(raw) == 8:
                return struct.unpack("<d", raw)[0]
            case 5:
                return [_value(each, depth + 1) for each in _messages(raw, 1)]
            case 6:
                return dict(_pairs(raw, depth))
            case 7:
                return raw.hex()
    return None


def _pairs(message: bytes, depth: int) -> Iterator[tuple[str, Any]]:
    for pair in _messages(message, 1):
        found: dict[int, Any] = dict(fields(pair))
        yield _bytes(found.get(1, b"")).decode(), _value(_bytes(found.get(2, b"")), depth + 1)


def _messages(message: bytes, number: int) -> Iterator[bytes]:
    """The messages inside that have this number."""
    return (_bytes(raw) for found, raw in fields(message) if found == number)


def _bytes(raw: int | bytes) -> bytes:
    if isinstance(raw, int):
        raise Garbled("a number where bytes belong")
    return raw


def _time(raw: int | bytes) -> int:
    return int.from_bytes(_bytes(raw), "little")
