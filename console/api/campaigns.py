"""Campaigns: drafted, validated, broadcast, confirmed, recalled."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from agents.base.errors import Invalid
from agents.base.ids import uuid7
from agents.fleet.models import Agent
from campaigns import actions
from campaigns.models import Broadcast, BroadcastRequest, Campaign, ContextVersion
from campaigns.permissions import audience
from campaigns.queries import campaigns_of
from campaigns.results import Result, results
from console.api.access import BROADCAST, CONTEXT, READ, agent_or_404, agents, caller, token_of
from console.api.campaign_schemas import (
    ApproveIn,
    BroadcastOut,
    CampaignIn,
    CampaignOut,
    ContextOut,
    DraftIn,
    RecallIn,
    RecipientsIn,
    ResultOut,
    VersionOut,
)
from console.api.deliveries import deliveries
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["campaigns"])


def _campaigns(request: HttpRequest) -> QuerySet[Campaign]:
    return campaigns_of(token_of(request).team).select_related("team")


def _campaign(request: HttpRequest, id: UUID) -> Campaign:
    found = _campaigns(request).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


def _versions(request: HttpRequest) -> QuerySet[ContextVersion]:
    rows = ContextVersion.objects.filter(campaign__team=token_of(request).team_id)
    return rows.select_related("campaign__team", "supersedes")


def _version(request: HttpRequest, id: UUID) -> ContextVersion:
    found = _versions(request).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


def _broadcast(request: HttpRequest, id: UUID) -> Broadcast:
    asked = Prefetch("version__requests", BroadcastRequest.objects.select_related("agent"))
    rows = Broadcast.objects.filter(campaign__team=token_of(request).team_id)
    rows = rows.select_related("version__supersedes", "campaign__team").prefetch_related(
        Prefetch("deliveries", deliveries(request)), asked
    )
    found = rows.filter(pk=id).first()
    if found is None:
        raise Http404
    return found


def _chosen(version: ContextVersion, slugs: list[str] | None) -> list[Agent]:
    everybody = list(audience(version.campaign.team))
    if slugs is None:
        return everybody
    known = {agent.slug: agent for agent in everybody}
    if missing := sorted(set(slugs) - known.keys()):
        problem = _("There is no agent called %(names)s.") % {"names": ", ".join(missing)}
        raise Invalid(problem, "unknown_agent", {"agents": [problem]})
    return [known[slug] for slug in slugs]


def _how(version: ContextVersion, body: RecipientsIn) -> dict[str, Any]:
    """What validating and broadcasting take besides the agents."""
    return {
        "signed": body.signed,
        "excluded": dict(zip(_chosen(version, list(body.excluded)), body.excluded.values(), strict=True)),
        "canaries": _chosen(version, body.canaries),
        "auto_release": body.auto_release,
    }


@router.get("/campaigns", response=Page[CampaignOut], auth=READ)
def list_campaigns(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    return newest(_campaigns(request), paging)


@router.post("/campaigns", response={201: VersionOut}, auth=BROADCAST)
@once
def create_campaign(request: HttpRequest, body: CampaignIn) -> Status[VersionOut]:
    """A campaign; answers with the draft of its first version."""
    version = actions.create_campaign(token_of(request).team, actor=caller(request), name=body.name)
    return Status(201, VersionOut.from_orm(version))


@router.get("/campaigns/{uuid:id}", response=CampaignOut, auth=READ)
def get_campaign(request: HttpRequest, id: UUID) -> Campaign:
    return _campaign(request, id)


@router.get("/campaigns/{uuid:id}/versions", response=Page[VersionOut], auth=READ)
def list_versions(request: HttpRequest, id: UUID, paging: Query[Paging]) -> dict[str, object]:
    return newest(_versions(request).filter(campaign=_campaign(request, id)), paging)


@router.post("/campaigns/{uuid:id}/versions", response={201: VersionOut}, auth=BROADCAST)
@once
def begin_version(request: HttpRequest, id: UUID) -> Status[VersionOut]:
    """A draft with the facts of the live version; the one in preparation, if there is one."""
    version = actions.begin_version(_campaign(request, id), actor=caller(request))
    return Status(201, VersionOut.from_orm(version))


@router.get("/versions/{uuid:id}", response=VersionOut, auth=READ)
def get_version(request: HttpRequest, id: UUID) -> ContextVersion:
    return _version(request, id)


@router.get("/versions/{uuid:id}/results", response=list[ResultOut], auth=READ)
def list_results(request: HttpRequest, id: UUID) -> list[Result]:
    """What came of a version at each agent that was told of it and that the caller may view."""
    return results(_version(request, id), agents(request))


@router.patch("/versions/{uuid:id}", response=VersionOut, auth=BROADCAST)
@once
def edit_version(request: HttpRequest, id: UUID, body: DraftIn) -> Status[VersionOut]:
    given = body.model_dump(exclude_unset=True)
    version = actions.edit_draft(_version(request, id), actor=caller(request), **given)
    return Status(200, VersionOut.from_orm(version))


@router.post("/versions/{uuid:id}/validate", response=VersionOut, auth=BROADCAST)
@once
def validate_version(request: HttpRequest, id: UUID, body: RecipientsIn) -> Status[VersionOut]:
    """422 names every error, 409 the warnings nobody has signed for."""
    version, actor = _version(request, id), caller(request)
    chosen = _chosen(version, body.agents)
    actions.look_at_links(version)
    ready = actions.validate_version(version, chosen, actor=actor, **_how(version, body))
    return Status(200, VersionOut.from_orm(ready))


@router.post("/versions/{uuid:id}/broadcasts", response={201: BroadcastOut}, auth=BROADCAST)
@once
def broadcast(request: HttpRequest, id: UUID, body: RecipientsIn) -> Status[BroadcastOut]:
    """To all of the caller's agents at once; the owners of the others are asked."""
    version = _version(request, id)
    actions.look_at_links(version)
    sent = actions.broadcast(
        version,
        _chosen(version, body.agents),
        actor=caller(request),
        idempotency_key=request.headers.get("Idempotency-Key") or str(uuid7()),
        **_how(version, body),
    )
    return Status(201, BroadcastOut.from_orm(_broadcast(request, sent.pk)))


@router.post("/versions/{uuid:id}/approve", response=VersionOut, auth=BROADCAST)
@once
def approve_version(request: HttpRequest, id: UUID, body: ApproveIn) -> Status[VersionOut]:
    """The second person's word for what touches price, law or every agent."""
    version = _version(request, id)
    actions.approve_version(version, actor=caller(request), revision=body.revision)
    return Status(200, VersionOut.from_orm(version))


@router.post("/versions/{uuid:id}/end", response={201: BroadcastOut}, auth=BROADCAST)
@once
def end_version(request: HttpRequest, id: UUID, body: RecallIn) -> Status[BroadcastOut]:
    """A new broadcast that tells every agent that the campaign no longer applies."""
    last = actions.end_version(_version(request, id), actor=caller(request), reason=body.reason)
    return Status(201, BroadcastOut.from_orm(_broadcast(request, last.pk)))


@router.post("/broadcasts/{uuid:id}/release", response=BroadcastOut, auth=BROADCAST)
@once
def release(request: HttpRequest, id: UUID) -> Status[BroadcastOut]:
    """Those who waited for the canaries are told, too."""
    actions.release(_broadcast(request, id), actor=caller(request))
    return Status(200, BroadcastOut.from_orm(_broadcast(request, id)))


@router.get("/broadcasts/{uuid:id}", response=BroadcastOut, auth=READ)
def get_broadcast(request: HttpRequest, id: UUID) -> Broadcast:
    """With its deliveries and their receipts, as far as the caller may view the agents."""
    return _broadcast(request, id)


@router.post("/broadcasts/{uuid:id}/recall", response={201: BroadcastOut}, auth=BROADCAST)
@once
def recall(request: HttpRequest, id: UUID, body: RecallIn) -> Status[BroadcastOut]:
    """A new broadcast that gives every agent back what it had."""
    back = actions.recall(_broadcast(request, id), actor=caller(request), reason=body.reason)
    return Status(201, BroadcastOut.from_orm(_broadcast(request, back.pk)))


@router.get("/agents/{slug}/context", response={200: ContextOut, 304: None}, auth=CONTEXT)
def get_context(request: HttpRequest, slug: str, response: HttpResponse) -> Status[actions.Context | None]:
    """What the agent is to know now, for agents that fetch it. Come back with the ETag in If-None-Match: 304 while
    nothing has changed, and the receipt that this is what the agent holds.
    """
    known = request.headers.get("If-None-Match", "").removeprefix("W/").strip('"')
    found = actions.pull_context(agent_or_404(request, slug), known=known)
    response["ETag"], response["Cache-Control"] = f'"{found.sha256}"', "private, no-cache"
    return Status(304, None) if known == found.sha256 else Status(200, found)
