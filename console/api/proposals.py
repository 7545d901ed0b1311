"""What resolved cases would teach agents, over the wire."""

import datetime as dt
import uuid

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from agents.runs import actions
from agents.runs.enums import ProposalState
from agents.runs.models import KnowledgeProposal
from console.api.access import CONFIGURE, READ, agents, caller
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest
from console.api.schemas import ReasonIn

router = Router(tags=["agents"])


class ProposalOut(Schema):
    """`cases` asked the same; `run` is the newest of them, null once that is gone."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    title: str
    text: str
    cases: int
    run: uuid.UUID | None = Field(alias="run_id")
    state: ProposalState
    proposed_at: dt.datetime


class TakenIn(Schema):
    """As the agent is to know it."""

    model_config = {"extra": "forbid"}

    title: str = Field(max_length=200)
    text: str = Field(max_length=5000)


def _seen(request: HttpRequest) -> QuerySet[KnowledgeProposal]:
    return KnowledgeProposal.objects.filter(agent__in=agents(request)).select_related("agent")


@router.get("/knowledge-proposals", response=Page[ProposalOut], auth=READ)
def list_proposals(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """Those nobody has decided."""
    return newest(_seen(request).filter(state=ProposalState.OPEN), paging)


@router.post("/knowledge-proposals/{uuid:id}/take", response=ProposalOut, auth=CONFIGURE)
@once
def take_proposal(request: HttpRequest, id: uuid.UUID, body: TakenIn) -> Status[ProposalOut]:
    """The agent knows it from its next run on."""
    found = get_object_or_404(_seen(request), pk=id)
    return Status(200, ProposalOut.from_orm(actions.take_proposal(found, actor=caller(request), **body.model_dump())))


@router.post("/knowledge-proposals/{uuid:id}/refuse", response=ProposalOut, auth=CONFIGURE)
@once
def refuse_proposal(request: HttpRequest, id: uuid.UUID, body: ReasonIn) -> Status[ProposalOut]:
    found = get_object_or_404(_seen(request), pk=id)
    return Status(200, ProposalOut.from_orm(actions.refuse_proposal(found, actor=caller(request), reason=body.reason)))
