"""Standing rules over the wire: which there are, proposing, approving and revoking one."""

import datetime as dt
import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from agents.runs.actions.firing import decide_open
from agents.runs.actions.rules import approve_rule, propose_rule, revoke_rule
from agents.runs.conditions import Is
from agents.runs.enums import RuleState
from agents.runs.models import Decision, StandingRule
from agents.runs.queries.rules import pending, still_open
from console.api.access import READ, REVIEW, agents, caller
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["review"])


class Condition(Schema):
    """`field` is one of the question (title, severity, cause, fingerprint) or a path into what it proposes."""

    model_config = {"extra": "forbid"}

    field: str = Field(max_length=300)
    how: Is = Field(alias="is")
    value: str = Field(max_length=300)


class RuleIn(Schema):
    """Made from a decision, for at most 90 days. `most_micros`: the amount above which a person is asked."""

    model_config = {"extra": "forbid"}

    conditions: list[Condition] = Field(min_length=1, max_length=10)
    most_a_day: int = Field(ge=1, le=1000)
    most_micros: int | None = Field(None, ge=0, le=10**15)
    expires_at: dt.datetime


class RuleOut(Schema):
    """`replay`: what it would have decided in the 30 days before (total, same, differs: ids of exceptions)."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    kind: str
    conditions: list[dict[str, Any]]
    decision: str
    note: str
    payload: Any
    most_a_day: int
    most_micros: int | None
    currency: str = Field(alias="agent.currency")
    expires_at: dt.datetime
    state: str
    why: str
    author: str = Field(alias="author.email")
    approver: str | None
    replay: dict[str, Any]
    created_at: dt.datetime

    @staticmethod
    def resolve_approver(rule: Any) -> str | None:
        return rule.approver.email if rule.approver else None


class RuleFilter(Schema):
    state: RuleState | None = None


class OpenOut(Schema):
    """Exceptions that were open before the rule and fit it, the oldest first."""

    exceptions: list[uuid.UUID]


class DecidedOut(Schema):
    """How many of what was open it has decided, how many are left to people, and which decisions can be undone."""

    decided: int
    left: int
    pending: list[uuid.UUID]


class RevokeIn(Schema):
    model_config = {"extra": "forbid"}

    why: str = Field("", max_length=300)


def _rules(request: HttpRequest) -> QuerySet[StandingRule]:
    return StandingRule.objects.filter(agent__in=agents(request)).select_related("agent", "author", "approver")


def _rule(request: HttpRequest, id: UUID) -> StandingRule:
    found = _rules(request).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


@router.get("/rules", response=Page[RuleOut], auth=READ)
def list_rules(request: HttpRequest, paging: Query[Paging], where: Query[RuleFilter]) -> dict[str, object]:
    rows = _rules(request)
    return newest(rows.filter(state=where.state) if where.state else rows, paging)


@router.post("/decisions/{uuid:id}/rules", response={201: RuleOut}, auth=REVIEW)
@once
def make_rule(request: HttpRequest, id: UUID, body: RuleIn) -> Status[RuleOut]:
    """Proposes that the like be decided the same way; it decides nothing before a second person approves it."""
    seen = Decision.objects.filter(item__agent__in=agents(request), pk=id)
    origin = seen.select_related("item__exception__agent").first()
    if origin is None:
        raise Http404
    given = body.model_dump(by_alias=True, mode="python")
    given["conditions"] = [{**each, "is": each["is"].value} for each in given["conditions"]]
    return Status(201, RuleOut.from_orm(propose_rule(origin, actor=caller(request), **given)))


@router.post("/rules/{uuid:id}/approve", response={200: RuleOut}, auth=REVIEW)
@once
def approve_standing_rule(request: HttpRequest, id: UUID) -> Status[RuleOut]:
    """By another of the agent's people than its author; from now on it decides."""
    approve_rule(_rule(request, id), actor=caller(request))
    return Status(200, RuleOut.from_orm(_rule(request, id)))


@router.get("/rules/{uuid:id}/open", response=OpenOut, auth=READ)
def list_still_open(request: HttpRequest, id: UUID) -> dict[str, list[UUID]]:
    """They stay with people unless somebody lets the rule decide them, too."""
    return {"exceptions": [each.pk for each in still_open(_rule(request, id))]}


@router.post("/rules/{uuid:id}/open", response={200: DecidedOut}, auth=REVIEW)
@once
def decide_still_open(request: HttpRequest, id: UUID) -> Status[DecidedOut]:
    """A rule in force decides what was open before it, too: at most 200 at once, within its limit a day."""
    rule = _rule(request, id)
    decided, left = decide_open(rule, actor=caller(request), grace_s=settings.DECISION_GRACE)
    return Status(200, DecidedOut(decided=decided, left=left, pending=[each.pk for each in pending(rule)]))


@router.post("/rules/{uuid:id}/revoke", response={200: RuleOut}, auth=REVIEW)
@once
def revoke_standing_rule(request: HttpRequest, id: UUID, body: RevokeIn) -> Status[RuleOut]:
    """It decides nothing any more; what it decided stands."""
    revoke_rule(_rule(request, id), actor=caller(request), why=body.why)
    return Status(200, RuleOut.from_orm(_rule(request, id)))
