"""Our spans as OTLP's messages (opentelemetry-proto), and its answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

Value: TypeAlias = str | bool | int | float
Kind: TypeAlias = trace_pb2.Span.SpanKind.ValueType
INTERNAL, CLIENT = trace_pb2.Span.SPAN_KIND_INTERNAL, trace_pb2.Span.SPAN_KIND_CLIENT
"""Kinds of a span: within the process, and a call of another one."""
OK, ERROR = trace_pb2.Status.STATUS_CODE_OK, trace_pb2.Status.STATUS_CODE_ERROR


@dataclass(frozen=True, slots=True)
class Span:
    """`trace_id` 16 bytes, `span_id` and `parent_id` 8 (empty: the root); times in nanoseconds since 1970."""

    trace_id: bytes
    span_id: bytes
    name: str
    start_ns: int
    end_ns: int
    parent_id: bytes = b""
    kind: Kind = INTERNAL
    status: trace_pb2.Status.StatusCode.ValueType = OK
    attributes: Mapping[str, Value] = field(default_factory=dict)


def request(spans: Iterable[Span], *, resource: Mapping[str, Value], scope: str) -> bytes:
    """An ExportTraceServiceRequest with all the spans of one resource and one scope."""
    scoped = trace_pb2.ScopeSpans(scope=InstrumentationScope(name=scope), spans=[_span(span) for span in spans])
    of = Resource(attributes=key_values(resource))
    told = trace_pb2.ResourceSpans(resource=of, scope_spans=[scoped])
    return ExportTraceServiceRequest(resource_spans=[told]).SerializeToString()


def response(rejected: int, why: str) -> bytes:
    """An ExportTraceServiceResponse: empty when every span was taken."""
    told = ExportTracePartialSuccess(rejected_spans=rejected, error_message=why)
    return ExportTraceServiceResponse(partial_success=told if rejected else None).SerializeToString()


def status(code: int, message: str) -> bytes:
    """A google.rpc.Status, with which OTLP says why nothing was taken."""
    # It lives in another package; these two fields have the same numbers and, on the wire, the same types.
    return ExportTracePartialSuccess(rejected_spans=code, error_message=message).SerializeToString()


def _span(span: Span) -> trace_pb2.Span:
    return trace_pb2.Span(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_id,
        name=span.name,
        kind=span.kind,
        start_time_unix_nano=span.start_ns,
        end_time_unix_nano=span.end_ns,
        attributes=key_values(span.attributes),
        status=trace_pb2.Status(code=span.status),
    )


def key_values(given: Mapping[str, Value]) -> Iterator[KeyValue]:
    """Attributes as OTLP writes them."""
    return (KeyValue(key=name, value=_value(value)) for name, value in given.items())


def _value(value: Value) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(double_value=value)
