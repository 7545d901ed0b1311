"""Our own runs as OpenTelemetry traces (GenAI semantic conventions), where an endpoint is configured.

One trace a run, sent whole once the run is over. What went in and out, titles, errors and reasons stay here: names,
codes, counts and money leave.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings

from agents.base import otlp
from agents.base.collector import send
from agents.base.models import Outbox
from agents.base.otlp import Kind, Span, Value
from agents.base.outbox import enqueue
from agents.fleet.models import Model
from agents.runs.enums import TERMINAL, RunState, StepState
from agents.runs.models import Run, Step

TOPIC = "trace"
FAILED = (RunState.FAILED, RunState.QUARANTINED)


def note_end(run: Run) -> None:
    """In the transaction in which a run ends: its trace is to leave. A run of another system is that one's to tell."""
    if settings.OTLP_TRACES_ENDPOINT and run.state in TERMINAL and not run.source:
        enqueue(TOPIC, f"trace/{run.pk}", {"run": str(run.pk)})


def export(message: Outbox) -> None:
    """Send one run's trace. Raises OutboundError or NotTaken while another try may help."""
    run = Run.objects.select_related("agent", "flow_version__flow").filter(pk=message.payload["run"]).first()
    if run is None or not settings.OTLP_TRACES_ENDPOINT:
        return
    providers = dict(Model.objects.filter(team_id=run.agent.team_id).values_list("name", "provider"))
    spans = spans_of(run, list(run.steps.order_by("seq")), providers)
    body = otlp.request(spans, resource={"service.name": "rollcall"}, scope="rollcall.runs")
    send(settings.OTLP_TRACES_ENDPOINT, body, message)


def spans_of(run: Run, steps: Sequence[Step], providers: Mapping[str, str]) -> list[Span]:
    """The run's span, then one a step that ended, each under the step it is inside of. `providers`: by model."""
    ids = {step.key: step.pk.bytes[8:] for step in steps if step.started_at and step.finished_at}
    return [_whole(run), *(_span(run, step, ids, providers) for step in steps if step.key in ids)]


def _whole(run: Run) -> Span:
    flow = run.flow_version.flow.slug if run.flow_version else run.pattern
    attributes: dict[str, Value] = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": flow,
        "gen_ai.agent.id": str(run.agent_id),
        "gen_ai.agent.name": run.agent.slug,
        "gen_ai.conversation.id": str(run.pk),
        "rollcall.flow.version": run.flow_version.number if run.flow_version else 0,
        "rollcall.pattern": run.pattern,
        "rollcall.run.state": run.state,
        "rollcall.rehearsal": run.is_rehearsal,
        "rollcall.cost_micros": run.cost_micros,
        "rollcall.currency": run.currency,
    }
    bad = run.state in FAILED
    if bad:
        attributes["error.type"] = code(run.reason.partition(":")[0])
    end = run.finished_at or run.state_since
    return Span(
        run.pk.bytes,
        run.pk.bytes[8:],
        f"invoke_workflow {flow}",
        ns(run.started_at or run.created_at),
        ns(end),
        status=otlp.ERROR if bad else otlp.OK,
        attributes=attributes,
    )


def _span(run: Run, step: Step, ids: Mapping[str, bytes], providers: Mapping[str, str]) -> Span:
    name, kind, told = _operation(step, providers)
    attributes: dict[str, Value] = {
        **told,
        "rollcall.step.key": step.key,
        "rollcall.node.kind": step.kind,
        "rollcall.tries": step.tries,
        "rollcall.cost_micros": step.cost_micros,
        "rollcall.currency": step.currency,
        "cost_center": step.cost_center,
        "use_case": step.use_case,
    }
    bad = bool(step.error) or step.state in (StepState.FAILED, StepState.UNKNOWN)
    if bad:
        attributes["error.type"] = code(step.fault or step.state)
    return Span(
        run.pk.bytes,
        ids[step.key],
        name,
        ns(step.started_at),
        ns(step.finished_at),
        parent_id=_around(step.key, ids) or run.pk.bytes[8:],
        kind=kind,
        status=otlp.ERROR if bad else otlp.OK,
        attributes=attributes,
    )


def _operation(step: Step, providers: Mapping[str, str]) -> tuple[str, Kind, dict[str, Value]]:
    """Name, kind and attributes by the conventions' operation; a node that is none of them goes by its own name."""
    if step.model:
        told: dict[str, Value] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": providers.get(step.model, "_OTHER"),
            "gen_ai.request.model": step.model,
            "gen_ai.prompt.name": step.prompt_version,
            "gen_ai.usage.input_tokens": step.tokens_in,
            "gen_ai.usage.output_tokens": step.tokens_out,
        }
        return f"chat {step.model}", otlp.CLIENT, told
    if step.kind == "tool":
        named: dict[str, Value] = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": step.node}
        return f"execute_tool {step.node}", otlp.INTERNAL, named
    return step.node, otlp.INTERNAL, {}


def code(said: str) -> str:
    """What failed, as a code to count by; a sentence stays here."""
    return said if said.isidentifier() else "_OTHER"


def _around(key: str, ids: Mapping[str, bytes]) -> bytes:
    """The innermost step that the key lies in."""
    while key:
        key = key.rpartition("/")[0]
        if key in ids:
            return ids[key]
    return b""


def ns(at: datetime | None) -> int:
    """Nanoseconds since 1970, to the microsecond that PostgreSQL keeps."""
    if at is None:
        raise ValueError("A span has two ends.")
    seconds = int(at.replace(microsecond=0).timestamp())
    return (seconds * 1_000_000 + at.microsecond) * 1000
