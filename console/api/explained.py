"""How flows fared, and why a run came out as it did."""

import datetime as dt
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from agents.flows.traits import Shown, shown
from agents.runs.lineage import lineage
from agents.runs.models import Decision, Run, RunPlan
from agents.runs.queries.conversation import conversation
from agents.runs.queries.delegations import Delegation, delegations
from agents.runs.queries.explain import Blast, Why, answers, blast
from agents.runs.queries.figures import Figures, figures
from agents.runs.queries.handed import Handed, handed
from campaigns.models import ContextVersion
from console.api.access import READ, agents

router = Router(tags=["runs"])


class Period(Schema):
    """The last `days`, today included."""

    days: int = Field(30, ge=1, le=366)


class FiguresOut(Schema):
    """Of one node, or (`node` empty) of a version's runs as a whole; times without waiting for people."""

    flow: str
    version: int
    node: str
    n: int
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    retries: int
    refusals: int
    asked: int
    failed: int
    cost_micros: int
    saved_calls: int
    saved_micros: int
    multiplier: float | None


@router.get("/flows/{slug:slug}/figures", response=list[FiguresOut], auth=READ)
def flow_figures(request: HttpRequest, slug: str, period: Query[Period]) -> list[Figures]:
    """Times, tries, refusals, questions, failures and cost of each version and node, newest version first."""
    since = timezone.now() - timedelta(days=period.days)
    return figures(Run.objects.filter(agent__in=agents(request), flow_version__flow__slug=slug, created_at__gte=since))


class TurnOut(Schema):
    """One run of a conversation."""

    run: UUID = Field(alias="pk")
    agent: str = Field(alias="agent.slug")
    title: str
    state: str
    created_at: dt.datetime


@router.get("/runs/{uuid:id}/conversation", response=list[TurnOut], auth=READ)
def run_conversation(request: HttpRequest, id: UUID) -> list[Run]:
    """The turns of the conversation that the run belongs to, oldest first; none where it stands alone."""
    seen = agents(request)
    run = Run.objects.filter(pk=id, agent__in=seen).first()
    if run is None:
        raise Http404
    return conversation(run, seen)


class DecisionMade(Schema):
    by: str = Field(alias="actor.email")
    kind: str
    at: dt.datetime


class WhyOut(Schema):
    """What one answer rests on. `output` is null for a run's own result; money is in micro-units of the run."""

    output: UUID | None
    steps: list[str]
    passages: list[Any]
    models: list[tuple[str, str]] = Field(description="Model and prompt version.")
    policy: int | None
    decisions: list[DecisionMade]
    cost_micros: int

    @staticmethod
    def resolve_output(why: Why) -> UUID | None:
        return why.output.pk if why.output else None

    @staticmethod
    def resolve_steps(why: Why) -> list[str]:
        return [step.key for step in why.steps]


class BlastOut(Schema):
    """The first bad step, or the one that was asked about, and what was made from it: steps, outputs, changes."""

    step: str = Field(alias="step.key")
    error: str = Field(alias="step.error")
    steps: list[str]
    outputs: list[UUID]
    effects: list[str]

    @staticmethod
    def resolve_steps(found: Blast) -> list[str]:
        return [step.key for step in found.steps]

    @staticmethod
    def resolve_outputs(found: Blast) -> list[UUID]:
        return [output.pk for output in found.outputs]

    @staticmethod
    def resolve_effects(found: Blast) -> list[str]:
        return [step.key for step in found.effects]


class DelegationOut(Schema):
    """Who was set to work by which nodes, on which parts of the state, and whether anything rests on it."""

    step: str = Field(alias="step.key")
    to: str
    by: list[str]
    given: list[str]
    chars: int = Field(description="Size of what was given, as JSON.")
    sources: list[str]
    why: str = Field(alias="step.reason")
    calls: list[str] = Field(description="Why models were asked inside it, as a peer asks another one.")
    used: bool

    @staticmethod
    def resolve_calls(found: Delegation) -> list[str]:
        return [call.reason for call in found.calls]


class PlanOut(Schema):
    """What was decided before the first step, on what, and what was considered in which order; money in micro-units,
    times in milliseconds, shares 0–1."""

    route: str
    signals: dict[str, Any]
    weighed: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    projected_micros: int | None
    most_micros: int
    target_ms: int


class CandidateOut(Schema):
    """`why_not` is empty where it fits; `load` counts its runs under way."""

    agent: str
    why_not: str
    knows: int = Field(description="Passages about the task, three at most.")
    load: int
    cost_micros: int | None


class HandedOut(Schema):
    """A task that was given to another agent, and everybody who was considered, best first."""

    task: str
    agent: str | None
    run: UUID | None
    candidates: list[CandidateOut]

    @staticmethod
    def resolve_agent(found: Handed) -> str | None:
        return found.agent.slug if found.agent else None

    @staticmethod
    def resolve_run(found: Handed) -> UUID | None:
        return found.run.pk if found.run else None


class TraitOut(Schema):
    """What shows the flow's pattern, and the steps that do; none where this run had no occasion, or is not so far."""

    trait: str
    steps: list[str]

    @staticmethod
    def resolve_steps(found: Shown) -> list[str]:
        return [step.key for step in found.steps]


class ExplainedOut(Schema):
    """`plan` is null for a run that asks no model; `context` names the campaigns' versions the run was given,
    `instruction` that of its people."""

    answers: list[WhyOut]
    blast: BlastOut | None
    delegations: list[DelegationOut]
    handed: list[HandedOut]
    traits: list[TraitOut]
    plan: PlanOut | None
    context: list[str]
    instruction: int | None


@router.get("/runs/{uuid:id}/why", response=ExplainedOut, auth=READ)
def why(request: HttpRequest, id: UUID, step: int | None = None) -> dict[str, Any]:
    """What each answer of the run rests on; and what was made from its first bad step, or from the step numbered."""
    decided = Prefetch("exceptions__item__decisions", Decision.objects.select_related("actor").order_by("at", "pk"))
    runs = Run.objects.filter(agent__in=agents(request)).select_related("agent", "flow_version", "instruction")
    run = runs.prefetch_related("exceptions__item", decided).filter(pk=id).first()
    if run is None:
        raise Http404
    found = lineage(run.flow_version.graph if run.flow_version else None, list(run.steps.order_by("seq")))
    outputs = list(run.outputs.order_by("created_at", "pk"))
    versions = ContextVersion.objects.filter(uses__run=run).select_related("campaign").order_by("campaign__name")
    return {
        "answers": answers(found, outputs, run.exceptions.all()),
        "blast": blast(found, outputs, step),
        "delegations": delegations(found, outputs) if run.flow_version else [],
        "handed": handed(found.steps, run.agent.team_id) if run.flow_version else [],
        "traits": shown(run.flow_version.graph, found.steps) if run.flow_version else [],
        "plan": RunPlan.objects.filter(run=run).first(),
        "context": [str(version) for version in versions],
        "instruction": run.instruction.number if run.instruction else None,
    }
