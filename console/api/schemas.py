"""What goes over the wire, in the words of the design."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema
from pydantic import SkipValidation

from agents.fleet.enums import Function, Lifecycle, OwnerRole, Vendor
from agents.runs.actions.holding import seen_sha256
from agents.runs.actions.lane import DEADLINE_S, LONGEST_S
from agents.runs.enums import DecisionKind, ItemState, Queue, RootCause
from agents.runs.queries import waited_micros
from console.api.problems import Problem


class OwnerOut(Schema):
    email: str = Field(alias="user.email")
    name: str = Field(alias="user.name")
    role: OwnerRole
    acting: bool
    since: dt.datetime


class StatusOut(Schema):
    state: str
    since: dt.datetime
    evidence: dict[str, Any]
    observed_at: dt.datetime


class AgentOut(Schema):
    id: uuid.UUID
    slug: str
    name: str
    native_name: str
    vendor: Vendor
    function: Function
    language: str
    personality: str
    requirements: str
    purpose: str
    vendor_url: str
    outcome: str
    value_per_outcome_micros: int
    waiting_cost_micros_per_hour: int
    currency: str
    lifecycle: Lifecycle
    lifecycle_since: dt.datetime
    lifecycle_reason: str
    running_since: dt.date | None
    version: int
    status: StatusOut | None
    owners: list[OwnerOut]

    @staticmethod
    def resolve_status(agent: Any) -> Any:
        return getattr(agent, "status", None)

    @staticmethod
    def resolve_owners(agent: Any) -> Any:
        return list(agent.owners.all())


class Profile(Schema):
    """What people write about an agent."""

    model_config = {"extra": "forbid"}

    native_name: str = Field("", max_length=120)
    language: str = Field("en", max_length=10)
    personality: str = Field("", max_length=5000)
    requirements: str = Field("", max_length=5000)
    purpose: str = Field("", max_length=5000)
    vendor_url: str = Field("", max_length=200)
    outcome: str = Field("", max_length=60)
    value_per_outcome_micros: int = Field(0, ge=0, le=10**15)
    waiting_cost_micros_per_hour: int = Field(0, ge=0, le=10**15)
    currency: str = Field("USD", pattern="^[A-Z]{3}$")


class SeatIn(Schema):
    model_config = {"extra": "forbid"}

    email: str = Field(max_length=254)
    role: OwnerRole


class AgentIn(Profile):
    """`override_reason`: why the Chief Agent Officer adds an agent although the limit on new ones is reached."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    name: str = Field(min_length=1, max_length=120)
    vendor: Vendor
    function: Function
    running_since: dt.date | None = None
    owners: list[SeatIn] = Field(min_length=1, max_length=20)
    override_reason: str = Field("", max_length=300)


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


class AgentEditIn(Profile):
    """Only what is given changes."""

    model_config = {"extra": "forbid", "json_schema_extra": _without_defaults}

    name: str = Field("", min_length=1, max_length=120)
    vendor: Vendor = Vendor.OURS
    function: Function = Function.SUPPORT
    version: int | None = None


class RoleIn(Schema):
    model_config = {"extra": "forbid"}

    role: OwnerRole


class NoteIn(Schema):
    model_config = {"extra": "forbid"}

    note: str = Field(min_length=1, max_length=1000)


class ReasonIn(Schema):
    model_config = {"extra": "forbid"}

    reason: str = Field("", max_length=300)


class KpiTargetIn(Schema):
    model_config = {"extra": "forbid"}

    target: Decimal = Field(max_digits=18, decimal_places=4)
    unit: str = Field("", max_length=20)
    better: Literal["higher", "lower"] = "higher"


class KpiTargetOut(Schema):
    key: str
    target: Decimal
    unit: str
    better: str


class ModelsIn(Schema):
    """Names at the configured endpoint, by tier, for all of the team's agents. A tier left out uses the nearest one."""

    model_config = {"extra": "forbid"}

    cheap: str = Field("", max_length=120)
    standard: str = Field("", max_length=120)
    premium: str = Field("", max_length=120)


class AssignmentIn(Schema):
    """Amounts are decimal text such as "0.50", in USD: the only currency of budgets today."""

    model_config = {"extra": "forbid"}

    flow: Literal["triage"] = "triage"
    models: ModelsIn = Field(default_factory=lambda: ModelsIn.model_validate({}))
    run_cap: str = Field("0.5", max_length=21)
    day_cap: str = Field("20", max_length=21)
    currency: Literal["USD"] = "USD"
    cost_center: str = Field("", max_length=60)


class AssignmentOut(Schema):
    flow: str = Field(alias="flow_version.flow.slug")
    version: int = Field(alias="flow_version.number")
    run_cap_micros: int
    day_cap_micros: int
    currency: str = "USD"
    cost_center: str


class RunIn(Schema):
    """One ticket: `text` is what the customer wrote. The same `external_id` again is the same run."""

    model_config = {"extra": "forbid"}

    text: str = Field(min_length=1, max_length=20_000)
    customer: str = Field("", max_length=200)
    title: str = Field("", max_length=200)
    external_id: str | None = Field(None, min_length=1, max_length=200)
    queue: Queue = Queue.BULK


class AskIn(Schema):
    """A ticket that somebody waits for, `within_s` seconds. The same `external_id` again is the same run."""

    model_config = {"extra": "forbid"}

    text: str = Field(min_length=1, max_length=20_000)
    customer: str = Field("", max_length=200)
    external_id: str | None = Field(None, min_length=1, max_length=200)
    within_s: float = Field(DEADLINE_S, gt=0, le=LONGEST_S)


class RunOut(Schema):
    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    title: str
    external_id: str | None
    state: str
    state_since: dt.datetime
    reason: str
    pattern: str
    input: Any
    result: Any
    is_rehearsal: bool
    steps_done: int
    cost_micros: int
    currency: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class StepOut(Schema):
    key: str
    seq: int
    node: str
    kind: str
    branch: str
    state: str
    input: Any
    output: Any
    error: str
    reason: str
    model: str
    prompt_version: str
    tokens_in: int
    tokens_out: int
    cost_micros: int
    currency: str
    latency_ms: int
    cost_center: str
    use_case: str
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class RunDetailOut(RunOut):
    steps: list[StepOut]

    @staticmethod
    def resolve_steps(run: Any) -> Any:
        return list(run.steps.all())


class BatchIn(Schema):
    """Each item as for a single run; they are checked one by one."""

    model_config = {"extra": "forbid"}

    items: list[SkipValidation[RunIn]] = Field(min_length=1, max_length=500)


class Reported(Schema):
    """What became of the item at `index`: its run, or its problem."""

    index: int
    status: int
    run: RunOut | None = None
    problem: Problem | None = None


class BatchOut(Schema):
    started: int
    refused: int
    results: list[Reported]


class HeldOut(Schema):
    """What a first person decided. Whoever approves it too names this `proposal_sha256`."""

    by: str = Field(alias="actor.email")
    kind: str
    payload: Any
    at: dt.datetime
    proposal_sha256: str


class ExceptionOut(Schema):
    """What shares its `fingerprint` is the same thing again; `waiting_cost_micros` is what its waiting has cost."""

    id: uuid.UUID
    item_id: uuid.UUID = Field(alias="item.id")
    agent: str = Field(alias="agent.slug")
    run_id: uuid.UUID | None
    kind: str
    severity: str
    cause: str
    root_cause: str
    root_cause_note: str
    fingerprint: str
    assignee: str | None
    waiting_cost_micros: int
    currency: str = Field(alias="agent.currency")
    title: str
    detail: str
    answer_schema: dict[str, Any] = Field(alias="schema")
    proposal: Any
    proposal_sha256: str
    state: str
    answer: Any
    opened_at: dt.datetime
    expires_at: dt.datetime | None
    resolved_at: dt.datetime | None
    held: HeldOut | None

    @staticmethod
    def resolve_held(exception: Any) -> Any:
        for decision in exception.item.held if exception.item.state != ItemState.DECIDED else ():
            decision.proposal_sha256 = seen_sha256(exception, decision)
            return decision
        return None

    @staticmethod
    def resolve_assignee(exception: Any) -> str | None:
        return exception.item.assignee.email if exception.item.assignee else None

    @staticmethod
    def resolve_waiting_cost_micros(exception: Any) -> int:
        price = exception.agent.waiting_cost_micros_per_hour
        return waited_micros(price, exception.opened_at, exception.resolved_at)


class ItemOut(Schema):
    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    exception_id: uuid.UUID | None
    title: str
    state: str
    rank: float
    rank_reason: str
    created_at: dt.datetime
    decided_at: dt.datetime | None

    @staticmethod
    def resolve_title(item: Any) -> str:
        return item.exception.title if item.exception else ""


class DecisionIn(Schema):
    """`proposal_sha256`: what the caller saw; a proposal that changed since is refused.

    `root_cause`: what was behind it, for whoever closes (respond, ignore) what went wrong.
    """

    model_config = {"extra": "forbid"}

    kind: DecisionKind
    note: str = Field("", max_length=5000)
    payload: Any = None
    root_cause: RootCause | None = None
    proposal_sha256: str = Field("", max_length=64)


class AnswerIn(Schema):
    model_config = {"extra": "forbid"}

    answer: Any
    note: str = Field("", max_length=5000)
    root_cause: RootCause | None = None


class DecisionOut(Schema):
    """`state`: pending until `releases_at`, when its effect leaves; until then it can be undone."""

    id: uuid.UUID
    item_id: uuid.UUID
    kind: str
    note: str
    payload: Any
    actor: str = Field(alias="actor.email")
    at: dt.datetime
    state: str
    releases_at: dt.datetime | None


class EventOut(Schema):
    """`said`: what the event says beyond its columns; null once it was redacted."""

    id: uuid.UUID
    seq: int
    at: dt.datetime
    actor_kind: str
    actor_label: str
    verb: str
    object_type: str
    object_id: uuid.UUID | None
    object_label: str
    agent_id: uuid.UUID | None
    correlation_id: uuid.UUID
    request_id: str
    payload_sha256: str
    said: dict[str, Any] | None


class EventPage(Schema):
    items: list[EventOut]
    next_before: int | None
