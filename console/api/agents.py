"""Agents, their owners and their targets."""

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status

from agents.base.errors import Invalid
from agents.base.money import parse_micros
from agents.fleet import actions
from agents.fleet.enums import Function, Lifecycle, Observed, OwnerRole, Tier, Vendor
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.queries import seats
from agents.flows.actions import equip
from agents.flows.assigning import assign_flow
from agents.flows.composing import recipe
from agents.flows.recipe import Recipe
from agents.people.models import Team, User
from console.api.access import CONFIGURE, READ, agent_or_404, agents, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest
from console.api.schemas import (
    AgentEditIn,
    AgentIn,
    AgentOut,
    AssignmentIn,
    AssignmentOut,
    KpiTargetIn,
    KpiTargetOut,
    OwnerOut,
    ReasonIn,
    RoleIn,
)

router = Router(tags=["agents"])


class AgentFilter(Schema):
    lifecycle: Lifecycle | None = None
    state: Observed | None = None
    vendor: Vendor | None = None
    function: Function | None = None


def _whole(rows: QuerySet[Agent]) -> QuerySet[Agent]:
    return rows.select_related("status").prefetch_related(Prefetch("owners", seats()))


def _out(agent: Agent) -> AgentOut:
    return AgentOut.from_orm(_whole(Agent.objects.all()).get(pk=agent.pk))


def _member(team: Team, email: str) -> User:
    user = User.objects.filter(email__iexact=email, memberships__team=team).first()
    if user is None:
        problem = _("%(email)s is not in your team: choose from its members.") % {"email": email}
        raise Invalid(problem, "owners", {"email": [problem]})
    return user


@router.get("/agents", response=Page[AgentOut], auth=READ)
def list_agents(request: HttpRequest, paging: Query[Paging], where: Query[AgentFilter]) -> dict[str, object]:
    given = where.model_dump(exclude_none=True)
    rows = agents(request).filter(**{"status__state" if key == "state" else key: given[key] for key in given})
    return newest(_whole(rows), paging)


@router.post("/agents", response={201: AgentOut}, auth=CONFIGURE)
@once
def create_agent(request: HttpRequest, body: AgentIn) -> Status[AgentOut]:
    """A new agent, in onboarding: it goes live when it has two owners and somebody says so."""
    team = token_of(request).team
    owners = [(_member(team, seat.email), seat.role) for seat in body.owners]
    given = body.model_dump(exclude_unset=True, exclude={"owners"})
    return Status(201, _out(actions.create_agent(team, actor=caller(request), owners=owners, **given)))


@router.get("/agents/{slug:slug}", response=AgentOut, auth=READ)
def get_agent(request: HttpRequest, slug: str) -> AgentOut:
    return _out(agent_or_404(request, slug))


@router.patch("/agents/{slug:slug}", response=AgentOut, auth=CONFIGURE)
@once
def edit_agent(request: HttpRequest, slug: str, body: AgentEditIn) -> Status[AgentOut]:
    """Only what is given changes. With the `version` that was read, an edit made meanwhile is not overwritten: 409."""
    given = body.model_dump(exclude_unset=True)
    return Status(200, _out(actions.edit_agent(agent_or_404(request, slug), actor=caller(request), **given)))


@router.post("/agents/{slug:slug}/go-live", response=AgentOut, auth=CONFIGURE)
@once
def go_live(request: HttpRequest, slug: str) -> Status[AgentOut]:
    """Needs two active owners."""
    return Status(200, _out(actions.go_live(agent_or_404(request, slug), actor=caller(request))))


@router.post("/agents/{slug:slug}/pause", response=AgentOut, auth=CONFIGURE)
@once
def pause_agent(request: HttpRequest, slug: str, body: ReasonIn) -> Status[AgentOut]:
    """Nothing of it starts, and what runs stops at its next step."""
    agent = actions.pause_agent(agent_or_404(request, slug), actor=caller(request), reason=body.reason)
    return Status(200, _out(agent))


@router.post("/agents/{slug:slug}/resume", response=AgentOut, auth=CONFIGURE)
@once
def resume_agent(request: HttpRequest, slug: str) -> Status[AgentOut]:
    return Status(200, _out(actions.resume_agent(agent_or_404(request, slug), actor=caller(request))))


@router.post("/agents/{slug:slug}/retire", response=AgentOut, auth=CONFIGURE)
@once
def retire_agent(request: HttpRequest, slug: str, body: ReasonIn) -> Status[AgentOut]:
    """For good: it keeps its past and never runs again."""
    agent = actions.retire_agent(agent_or_404(request, slug), actor=caller(request), reason=body.reason)
    return Status(200, _out(agent))


@router.get("/agents/{slug:slug}/owners", response=list[OwnerOut], auth=READ)
def list_owners(request: HttpRequest, slug: str) -> list[AgentOwner]:
    """Primary first."""
    return list(seats().filter(agent=agent_or_404(request, slug)))


@router.put("/agents/{slug:slug}/owners/{email}", response=AgentOut, auth=CONFIGURE)
@once
def seat_owner(request: HttpRequest, slug: str, email: str, body: RoleIn) -> Status[AgentOut]:
    """Adds the person or changes their seat. A new primary makes the old one second."""
    agent = agent_or_404(request, slug)
    actions.seat_owner(agent, _member(agent.team, email), OwnerRole(body.role), actor=caller(request))
    return Status(200, _out(agent))


@router.delete("/agents/{slug:slug}/owners/{email}", response=AgentOut, auth=CONFIGURE)
@once
def remove_owner(request: HttpRequest, slug: str, email: str) -> Status[AgentOut]:
    """Refused when a live agent would be left with fewer than two active owners."""
    agent = agent_or_404(request, slug)
    seat = agent.owners.filter(user__email__iexact=email).select_related("user").first()
    if seat is None:
        raise Http404
    actions.remove_owner(agent, seat.user, actor=caller(request))
    return Status(200, _out(agent))


@router.put("/agents/{slug:slug}/kpi-targets/{key}", response=KpiTargetOut, auth=CONFIGURE)
@once
def set_kpi_target(request: HttpRequest, slug: str, key: str, body: KpiTargetIn) -> Status[KpiTargetOut]:
    agent = agent_or_404(request, slug)
    target = actions.set_kpi_target(agent, key, body.target, body.unit, body.better, actor=caller(request))
    return Status(200, KpiTargetOut.from_orm(target))


@router.put("/agents/{slug:slug}/assignment", response=AssignmentOut, auth=CONFIGURE)
@once
@transaction.atomic
def assign(request: HttpRequest, slug: str, body: AssignmentIn) -> Status[AssignmentOut]:
    """What an agent of ours runs, and the most that a run and a day of it may cost. Today's budget follows."""
    agent = agent_or_404(request, slug)
    names = {Tier(tier): name for tier, name in body.models.model_dump().items() if name}
    caps = {f"{name}_micros": _micros(name, getattr(body, name)) for name in ("run_cap", "day_cap")}
    found = equip(agent, actor=caller(request), models=names, cost_center=body.cost_center, **caps)
    if found.flow_version.flow.slug != body.flow or body.otherwise is not None:
        told = {"because": body.because, "otherwise": body.otherwise or ""}
        found = assign_flow(agent, _flow(agent, body.flow), actor=caller(request), **told)
    return Status(200, AssignmentOut.from_orm(found))


def _flow(agent: Agent, slug: str) -> Recipe:
    try:
        return recipe(agent.team, slug)
    except LookupError:
        said = _("No flow is called that.")
        raise Invalid(said, "flow", {"flow": [said]}) from None


def _micros(name: str, amount: str) -> int:
    try:
        return parse_micros(amount)
    except Invalid as error:
        raise Invalid(error.message, error.code, {name: [error.message]}) from None
