"""What waits for people and what they decide, as it goes over the wire."""

import datetime as dt
import uuid
from typing import Any

from ninja import Field, Schema

from agents.runs.actions.holding import seen_sha256
from agents.runs.enums import DecisionKind, ItemState, RootCause
from agents.runs.queries import waited_micros


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
    """`assignee`: whose turn it is; `helper`: the agent that works out an answer for them, or has."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    exception_id: uuid.UUID | None
    title: str
    state: str
    rank: float
    rank_reason: str
    created_at: dt.datetime
    decided_at: dt.datetime | None
    assignee: str | None
    helper: str | None

    @staticmethod
    def resolve_assignee(item: Any) -> str | None:
        return item.assignee.email if item.assignee else None

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
