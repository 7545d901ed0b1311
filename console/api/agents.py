"""Agents, their owners and their targets."""

from django.http import HttpRequest
from ninja import Query, Router

from agents.base.errors import Invalid
from agents.fleet import actions
from agents.fleet.enums import OwnerRole, Verb
from agents.fleet.models import Agent, AgentOwner
from agents.people.models import Team, User
from console.api.access import CONFIGURE, READ, agent_or_404, agents, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, page
from console.api.schemas import (
    AgentIn,
    AgentOut,
    KpiTargetIn,
    KpiTargetOut,
    OwnerOut,
    Profile,
    ReasonIn,
    RoleIn,
)

router = Router(tags=["agents"])


def _member(team: Team, email: str) -> User:
    user = User.objects.filter(email__iexact=email, memberships__team=team).first()
    if user is None:
        raise Invalid(f"{email} is not in your team: choose from its members.", fields={"email": ["not a member"]})
    return user


def _out(agent: Agent) -> AgentOut:
    fresh = Agent.objects.select_related("status").prefetch_related("owners__user").get(pk=agent.pk)
    return AgentOut.from_orm(fresh)


def _given(body: Profile) -> dict[str, object]:
    return body.model_dump(exclude_unset=True, exclude={"slug", "owners"})


@router.get("/agents", response=Page[AgentOut], auth=READ)
def list_agents(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    return page(agents(request).select_related("status").prefetch_related("owners__user"), paging)


@router.post("/agents", response={201: AgentOut}, auth=CONFIGURE)
@once
def create_agent(request: HttpRequest, body: AgentIn) -> tuple[int, AgentOut]:
    """A new agent, in onboarding: it goes live when it has two owners and somebody says so."""
    team = token_of(request).team
    owners = [(_member(team, seat.email), seat.role) for seat in body.owners]
    agent = actions.create_agent(team, actor=caller(request), owners=owners, slug=body.slug, **_given(body))
    return 201, _out(agent)


@router.get("/agents/{slug}", response=AgentOut, auth=READ)
def get_agent(request: HttpRequest, slug: str) -> AgentOut:
    return _out(agent_or_404(request, slug))


@router.patch("/agents/{slug}", response=AgentOut, auth=CONFIGURE)
@once
def edit_agent(request: HttpRequest, slug: str, body: Profile) -> tuple[int, AgentOut]:
    agent = agent_or_404(request, slug, Verb.CONFIGURE)
    return 200, _out(actions.edit_agent(agent, actor=caller(request), **_given(body)))


@router.post("/agents/{slug}/go-live", response=AgentOut, auth=CONFIGURE)
@once
def go_live(request: HttpRequest, slug: str) -> tuple[int, AgentOut]:
    agent = agent_or_404(request, slug, Verb.CONFIGURE)
    return 200, _out(actions.go_live(agent, actor=caller(request)))


@router.post("/agents/{slug}/pause", response=AgentOut, auth=CONFIGURE)
@once
def pause_agent(request: HttpRequest, slug: str, body: ReasonIn) -> tuple[int, AgentOut]:
    agent = agent_or_404(request, slug, Verb.PAUSE)
    return 200, _out(actions.pause_agent(agent, actor=caller(request), reason=body.reason))


@router.post("/agents/{slug}/resume", response=AgentOut, auth=CONFIGURE)
@once
def resume_agent(request: HttpRequest, slug: str) -> tuple[int, AgentOut]:
    agent = agent_or_404(request, slug, Verb.PAUSE)
    return 200, _out(actions.resume_agent(agent, actor=caller(request)))


@router.get("/agents/{slug}/owners", response=list[OwnerOut], auth=READ)
def list_owners(request: HttpRequest, slug: str) -> list[AgentOwner]:
    return list(agent_or_404(request, slug).owners.select_related("user").order_by("since", "pk"))


@router.put("/agents/{slug}/owners/{email}", response=AgentOut, auth=CONFIGURE)
@once
def seat_owner(request: HttpRequest, slug: str, email: str, body: RoleIn) -> tuple[int, AgentOut]:
    agent = agent_or_404(request, slug, Verb.CONFIGURE)
    actions.seat_owner(agent, _member(agent.team, email), OwnerRole(body.role), actor=caller(request))
    return 200, _out(agent)


@router.delete("/agents/{slug}/owners/{email}", response=AgentOut, auth=CONFIGURE)
@once
def remove_owner(request: HttpRequest, slug: str, email: str) -> tuple[int, AgentOut]:
    """Refused when a live agent would be left with fewer than two owners."""
    agent = agent_or_404(request, slug, Verb.CONFIGURE)
    actions.remove_owner(agent, _member(agent.team, email), actor=caller(request))
    return 200, _out(agent)


@router.put("/agents/{slug}/kpi-targets/{key}", response=KpiTargetOut, auth=CONFIGURE)
@once
def set_kpi_target(request: HttpRequest, slug: str, key: str, body: KpiTargetIn) -> tuple[int, KpiTargetOut]:
    agent = agent_or_404(request, slug, Verb.CONFIGURE)
    target = actions.set_kpi_target(agent, key, body.target, body.unit, body.better, actor=caller(request))
    return 200, KpiTargetOut.from_orm(target)
