"""Figures of our own runs as OpenTelemetry metrics (GenAI semantic conventions), where an endpoint is configured.

A run counts once it is over, with all its steps, in the span of time in which it ended; names, counts and money leave.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.base import otlp_metrics
from agents.base.collector import send
from agents.base.models import Outbox
from agents.base.otlp_metrics import Counter, Histogram
from agents.base.outbox import enqueue
from agents.fleet.models import Agent, Model
from agents.runs.enums import TERMINAL, StepState
from agents.runs.models import Run, Step
from agents.runs.tracing import FAILED, code, ns

TOPIC = "metrics"
LATE = timedelta(seconds=30)
"""What ended is told of so long afterwards: by then its transaction is committed."""
FIRST = timedelta(minutes=1)
"""How far back the first request of all looks."""
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = tuple(4**power for power in range(14))
"""The buckets that the conventions name for durations and tokens."""


@transaction.atomic
def meter() -> None:
    """What ended since the last time is to leave, if anything did."""
    if not settings.OTLP_METRICS_ENDPOINT:
        return
    last = Outbox.objects.filter(topic=TOPIC).order_by("-id").select_for_update().first()
    until = timezone.now() - LATE
    since = datetime.fromisoformat(last.payload["until"]) if last else until - FIRST
    if since < until and ended(since, until).exists():
        enqueue(TOPIC, TOPIC, {"since": since.isoformat(), "until": until.isoformat()})


def export(message: Outbox) -> None:
    """Send the figures of one span of time. Raises OutboundError or NotTaken while another try may help."""
    since, until = (datetime.fromisoformat(message.payload[name]) for name in ("since", "until"))
    if settings.OTLP_METRICS_ENDPOINT:
        body = otlp_metrics.request(
            figures_of(ended(since, until)),
            start_ns=ns(since),
            end_ns=ns(until),
            resource={"service.name": "rollcall"},
            scope="rollcall.runs",
        )
        send(settings.OTLP_METRICS_ENDPOINT, body, message)


def ended(since: datetime, until: datetime) -> QuerySet[Run]:
    """Our own runs that were over within this time; by agent, as the index has them."""
    ours = Run.objects.filter(agent__in=Agent.objects.values("pk"), source="", state__in=TERMINAL)
    return ours.filter(state_since__gt=since, state_since__lte=until)


def figures_of(runs: QuerySet[Run]) -> list[Histogram | Counter]:
    """Durations in seconds of runs, model calls and tools; tokens; money in micro-units."""
    figures = _Figures()
    for run in runs.select_related("flow_version__flow"):
        figures.note_run(run)
    told = Q(tokens_in__gt=0) | Q(tokens_out__gt=0) | ~Q(model="") | Q(kind="tool") | Q(cost_micros__gt=0)
    for step in Step.objects.filter(told, run__in=runs).select_related("run__agent").iterator():
        figures.note_step(step)
    return figures.all


class _Figures:
    def __init__(self) -> None:
        self.workflow = Histogram("gen_ai.workflow.duration", "s", SECONDS)
        self.call = Histogram("gen_ai.client.operation.duration", "s", SECONDS)
        self.tool = Histogram("gen_ai.execute_tool.duration", "s", SECONDS)
        self.tokens = Histogram("gen_ai.client.token.usage", "{token}", TOKENS)
        self.cost = Counter("rollcall.cost", "{micro_unit}")
        self.all: list[Histogram | Counter] = [self.workflow, self.call, self.tool, self.tokens, self.cost]
        self._providers = {(team, name): provider for team, name, provider in _models()}

    def note_run(self, run: Run) -> None:
        flow = run.flow_version.flow.slug if run.flow_version else run.pattern
        failed = {"error.type": code(run.reason.partition(":")[0])} if run.state in FAILED else {}
        took = ((run.finished_at or run.state_since) - (run.started_at or run.created_at)).total_seconds()
        self.workflow.note(max(took, 0), {"gen_ai.workflow.name": flow, **failed})

    def note_step(self, step: Step) -> None:
        failed = _failed(step)
        if step.model:
            provider = self._providers.get((step.run.agent.team_id, step.model), "_OTHER")
            asked = {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": provider,
                "gen_ai.request.model": step.model,
            }
            self.call.note(step.latency_ms / 1000, {**asked, **failed})
            self.tokens.note(step.tokens_in, {**asked, "gen_ai.token.type": "input"})
            self.tokens.note(step.tokens_out, {**asked, "gen_ai.token.type": "output"})
        elif step.kind == "tool":
            named = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": step.node}
            self.tool.note(step.latency_ms / 1000, {**named, **failed})
        if step.cost_micros:
            whose = {"cost_center": step.cost_center, "use_case": step.use_case, "rollcall.currency": step.currency}
            self.cost.note(step.cost_micros, whose)


def _models() -> Iterable[tuple[object, str, str]]:
    return Model.objects.values_list("team_id", "name", "provider")


def _failed(step: Step) -> Mapping[str, str]:
    bad = bool(step.error) or step.state in (StepState.FAILED, StepState.UNKNOWN)
    return {"error.type": code(step.fault or step.state)} if bad else {}
