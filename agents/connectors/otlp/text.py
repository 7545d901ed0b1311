"""The same request as JSON: names in lowerCamelCase, ids in hex, whole numbers of 64 bits as text."""

from collections.abc import Callable, Mapping
from typing import Any

from agents.connectors.ingest import read
from agents.connectors.otlp.spans import ERROR, BadSpan, Heard, Span

Json = Mapping[str, Any]
WRONG = (BadSpan, ValueError, TypeError, AttributeError, KeyError, IndexError)


def read_json(body: bytes) -> Heard:
    """The request's spans; one that cannot be read sinks no other. Raises Unreadable and TooMany (`ingest.read`)."""
    heard = Heard([])
    for resource_spans in _objects(read(body).document, "resourceSpans"):
        for scope_spans in _objects(resource_spans, "scopeSpans"):
            for span in _objects(scope_spans, "spans"):
                try:
                    resource = _attributes(resource_spans.get("resource") or {})
                    heard.spans.append(_span(span, resource))
                except WRONG as why:
                    heard.reject(str(why) if isinstance(why, BadSpan) else "a span that is none")
    return heard


def _objects(given: Any, name: str) -> list[Any]:
    found = given.get(name) if isinstance(given, dict) else None
    return found if isinstance(found, list) else []


def _span(given: Json, resource: dict[str, Any]) -> Span:
    status = given.get("status") or {}
    failed = status.get("code") in (ERROR, "STATUS_CODE_ERROR")
    raised = [_raised(event) for event in given.get("events") or ()] if failed else []
    return Span(
        trace_id=_hex(given, "traceId"),
        span_id=_hex(given, "spanId"),
        parent_id=_hex(given, "parentSpanId"),
        name=str(given.get("name", "")),
        start_ns=int(given.get("startTimeUnixNano") or 0),
        end_ns=int(given.get("endTimeUnixNano") or 0),
        failed=failed,
        error=next(filter(None, [str(status.get("message") or ""), *raised]), ""),
        attributes=_attributes(given),
        resource=resource,
    )


def _hex(given: Json, name: str) -> str:
    """Raises ValueError for what is no hex."""
    return bytes.fromhex(given.get(name) or "").hex()


def _raised(event: Json) -> str:
    told = _attributes(event)
    return str(told.get("exception.message") or told.get("exception.type") or "")


def _attributes(given: Json) -> dict[str, Any]:
    return {each["key"]: _value(each.get("value") or {}) for each in given.get("attributes") or ()}


def _value(given: Json) -> Any:
    for name, made in VALUES.items():
        if name in given:
            return made(given[name])
    return None


VALUES: dict[str, Callable[[Any], Any]] = {
    "stringValue": str,
    "boolValue": bool,
    "intValue": int,
    "doubleValue": float,
    "arrayValue": lambda found: [_value(each) for each in found.get("values") or ()],
    "kvlistValue": lambda found: {each["key"]: _value(each.get("value") or {}) for each in found.get("values") or ()},
    "bytesValue": str,
}
