"""What is promised of a flow, over the wire: who answers for it, how far each promise was kept, the runbook."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from agents.flows.attainment import attainment
from agents.flows.composing import recipe
from agents.flows.models import FlowTerms
from agents.flows.recipe import Recipe
from agents.flows.terms import (
    FIELDS,
    LONGEST_REASON,
    LONGEST_RUNBOOK,
    MOST_SECONDS,
    Terms,
    kept_flow,
    set_flow_terms,
    terms_of,
)
from agents.runs.models import Run
from console.api.access import CONFIGURE, READ, agents, caller, member, token_of
from console.api.explained import Period
from console.api.idempotency import once

router = Router(tags=["flows"])
DAYS = 30
"""Of which an answer to a change tells how promises were kept."""


class KeptOut(Schema):
    """Of `n` runs that are over in the period, and that the caller may see."""

    n: int
    resolved: int
    diverted: int
    in_time: int


class TermsIn(Schema):
    """All of it, in place of what was promised before; null is not promised. People by e-mail."""

    model_config = {"extra": "forbid"}

    owner: str | None = None
    second_owner: str | None = None
    seconds: int | None = Field(None, ge=1, le=MOST_SECONDS)
    resolved_percent: int | None = Field(None, ge=0, le=100)
    diverted_percent: int | None = Field(None, ge=0, le=100)
    unattended_because: str = Field("", max_length=LONGEST_REASON)
    runbook: str = Field("", max_length=LONGEST_RUNBOOK)


class TermsOut(TermsIn):
    """`kept`: how far, in the period."""

    kept: KeptOut


@router.get("/flows/{slug:slug}/terms", response=TermsOut, auth=READ)
def get_flow_terms(request: HttpRequest, slug: str, period: Query[Period]) -> dict[str, Any]:
    """Everything is null while nothing is promised."""
    return _told(request, _recipe(request, slug), terms_of(token_of(request).team, slug), period.days)


@router.put("/flows/{slug:slug}/terms", response=TermsOut, auth=CONFIGURE)
@once
def put_flow_terms(request: HttpRequest, slug: str, body: TermsIn) -> Status[TermsOut]:
    """What does not fit is named; without two owners and all three promises no agent goes live with the flow."""
    found, team = _recipe(request, slug), token_of(request).team
    named = {name: getattr(body, name) for name in ("owner", "second_owner")}
    people = {name: None if email is None else member(team, email, name) for name, email in named.items()}
    given = Terms(**(body.model_dump() | people))
    terms = set_flow_terms(kept_flow(team, found.graph, found.name), given, actor=caller(request))
    return Status(200, TermsOut.model_validate(_told(request, found, terms, DAYS)))


def _recipe(request: HttpRequest, slug: str) -> Recipe:
    try:
        return recipe(token_of(request).team, slug)
    except LookupError:
        raise Http404 from None


def _told(request: HttpRequest, found: Recipe, terms: FlowTerms | None, days: int) -> dict[str, Any]:
    runs = Run.objects.filter(agent__in=agents(request), flow_version__flow__slug=found.slug)
    terms = terms or FlowTerms()
    kept = attainment(runs.filter(created_at__gte=timezone.now() - timedelta(days=days)), terms.seconds)
    people = {name: one.email if (one := getattr(terms, name)) else None for name in ("owner", "second_owner")}
    plain = {name: getattr(terms, name) for name in FIELDS if name not in people}
    return {**people, **plain, "kept": kept}
