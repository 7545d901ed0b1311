"""OpenTelemetry's own SDK and exporter, as an instrumented agent runs them, against the console."""

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import StatusCode
from pytest_django.live_server_helper import LiveServer

from agents.people.actions import create_token
from agents.people.enums import TokenScope
from agents.runs.models import Run, RunException
from tests.cast import Cast, make_cast


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def traced(cast: Cast, live_server: LiveServer) -> TracerProvider:
    """A provider whose spans go to the console as they end, by an agent's token."""
    scopes = [TokenScope.RUNS_WRITE]
    _row, secret = create_token(cast.team, cast.owner, actor=cast.owner, name="otel", scopes=scopes, days=1)
    exporter = OTLPSpanExporter(
        endpoint=f"{live_server.url}/otel/v1/traces", headers={"Authorization": f"Bearer {secret}"}
    )
    provider = TracerProvider(resource=Resource({"service.name": "refund-agent"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


def test_what_the_sdk_exports_becomes_runs_with_steps_and_a_failure_asks_for_people(
    cast: Cast, traced: TracerProvider
) -> None:
    tracer = traced.get_tracer("refunds")
    with tracer.start_as_current_span("invoke_agent refunds", attributes={"gen_ai.operation.name": "invoke_agent"}):
        told: dict[str, str | int] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-5-mini",
            "gen_ai.usage.input_tokens": 12,
        }
        with tracer.start_as_current_span("chat gpt-5-mini", attributes=told):
            pass
        with tracer.start_as_current_span("execute_tool look_up", attributes={"gen_ai.tool.name": "look_up"}):
            pass
    with tracer.start_as_current_span("invoke_agent refunds") as span:
        span.set_status(StatusCode.ERROR, "The shop did not answer")
    traced.shutdown()
    done, failed = Run.objects.order_by("created_at", "pk")
    assert (done.source, done.state, failed.state) == ("otlp", "done", "failed")
    assert [(step.kind, step.model, step.tokens_in) for step in done.steps.order_by("seq")] == [
        ("role", "gpt-5-mini", 12),
        ("tool", "", 0),
    ]
    assert RunException.objects.get().detail == "The shop did not answer"
