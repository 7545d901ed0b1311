"""An ExportTraceServiceRequest as protobuf, read by opentelemetry-proto."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from agents.connectors.otlp.spans import ERROR, BadSpan, Garbled, Heard, Span


def read_binary(body: bytes) -> Heard:
    """The request's spans; one that cannot be taken sinks no other. Raises Garbled."""
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as why:
        raise Garbled(str(why)) from None
    heard = Heard([])
    for resource_spans in request.resource_spans:
        resource = _pairs(resource_spans.resource.attributes)
        for span in (span for scope_spans in resource_spans.scope_spans for span in scope_spans.spans):
            try:
                heard.spans.append(_span(span, resource))
            except BadSpan as why:
                heard.reject(str(why))
    return heard


def _span(given: trace_pb2.Span, resource: dict[str, Any]) -> Span:
    failed = given.status.code == ERROR
    raised = [_raised(event) for event in given.events] if failed else []
    return Span(
        trace_id=given.trace_id.hex(),
        span_id=given.span_id.hex(),
        parent_id=given.parent_span_id.hex(),
        name=given.name,
        start_ns=given.start_time_unix_nano,
        end_ns=given.end_time_unix_nano,
        failed=failed,
        error=next(filter(None, [given.status.message, *raised]), ""),
        attributes=_pairs(given.attributes),
        resource=resource,
    )


def _raised(event: trace_pb2.Span.Event) -> str:
    told = _pairs(event.attributes)
    return str(told.get("exception.message") or told.get("exception.type") or "")


def _pairs(given: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in given}


def _value(given: AnyValue) -> Any:
    """Text, truth, a number, a list, pairs, bytes in hex; None where it is empty."""
    match given.WhichOneof("value"):
        case "array_value":
            return [_value(each) for each in given.array_value.values]
        case "kvlist_value":
            return _pairs(given.kvlist_value.values)
        case "bytes_value":
            return given.bytes_value.hex()
        case None:
            return None
        case name:
            return getattr(given, name)
