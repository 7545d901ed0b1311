"""Traces as an instrumented agent exports them: OTLP's JSON, and the same as protobuf by our own writer."""

from typing import Any

from agents.base.otlp import CLIENT, ERROR, OK, Span, Value, request

TRACE = "5b8efff798038103d269b633813fc60c"
ROOT, CHAT, TOOL = "eee19b7ec3c1b174", "eee19b7ec3c1b175", "eee19b7ec3c1b176"
START = 1_780_000_000_000_000_000
QUESTION, REPLY = "Where is my refund?", "On its way."


def a_trace(agent: str, trace: str = TRACE) -> dict[str, Any]:
    """One agent's turn: itself, a call of a model, a call of a tool."""
    said = f'[{{"role": "user", "parts": [{{"type": "text", "content": "{QUESTION}"}}]}}]'
    made = f'[{{"role": "assistant", "parts": [{{"type": "text", "content": "{REPLY}"}}]}}]'
    about = {"gen_ai.input.messages": said, "gen_ai.output.messages": made}
    root = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "Helper", **about}
    chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5-mini", "gen_ai.usage.cost": 0.0021}
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look_up", "use_case": "refunds"}
    spans = [
        a_span(ROOT, "", "invoke_agent Helper", 0, 9, root, trace=trace),
        a_span(CHAT, ROOT, "chat gpt-5-mini", 1, 3, {**chat, "gen_ai.usage.input_tokens": 12}, trace=trace),
        a_span(
            TOOL, ROOT, "execute_tool look_up", 3, 5, {**tool, "gen_ai.tool.call.result": '{"paid": true}'}, trace=trace
        ),
    ]
    return a_request({"service.name": agent, "cost_center": "care"}, spans)


def a_request(resource: dict[str, Any], spans: list[dict[str, Any]]) -> dict[str, Any]:
    """ExportTraceServiceRequest."""
    told = {"resource": {"attributes": _attributes(resource)}, "scopeSpans": [{"scope": {"name": "t"}, "spans": spans}]}
    return {"resourceSpans": [told]}


def a_span(
    id: str,
    parent: str,
    name: str,
    start_s: int,
    end_s: int,
    attributes: dict[str, Any],
    *,
    trace: str = TRACE,
    error: str = "",
) -> dict[str, Any]:
    """A span of so many seconds after START."""
    return {
        "traceId": trace,
        "spanId": id,
        "parentSpanId": parent,
        "name": name,
        "kind": 3,
        "startTimeUnixNano": str(START + start_s * 10**9),
        "endTimeUnixNano": str(START + end_s * 10**9),
        "attributes": _attributes(attributes),
        "status": {"code": 2, "message": error} if error else {},
        "flags": 257,
    }


def as_protobuf(given: dict[str, Any]) -> bytes:
    """The same request on the wire."""
    return b"".join(
        request(
            [_span(span) for scope in each["scopeSpans"] for span in scope["spans"]],
            resource=_plain(each["resource"]),
            scope="t",
        )
        for each in given["resourceSpans"]
    )


def _span(given: dict[str, Any]) -> Span:
    return Span(
        bytes.fromhex(given["traceId"]),
        bytes.fromhex(given["spanId"]),
        given["name"],
        int(given["startTimeUnixNano"]),
        int(given["endTimeUnixNano"]),
        bytes.fromhex(given["parentSpanId"]),
        CLIENT,
        ERROR if given["status"] else OK,
        _plain(given),
    )


def _plain(given: dict[str, Any]) -> dict[str, Value]:
    return {each["key"]: _value(each["value"]) for each in given["attributes"]}


def _value(given: dict[str, Any]) -> Value:
    [(kind, value)] = given.items()
    return int(value) if kind == "intValue" else value


def _attributes(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _said(value)} for name, value in given.items()]


def _said(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}
