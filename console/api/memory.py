"""What an agent knows and remembers, over the wire: documents, whose knowledge it shares, memories of customers."""

import datetime as dt
import uuid

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from agents.fleet import actions
from agents.fleet.models import KnowledgeGrant
from agents.fleet.queries.knowledge import Document, documents, knowledge_grants
from agents.runs import actions as runs
from agents.runs.enums import Remembered
from agents.runs.models import Memory
from console.api.access import CONFIGURE, READ, agent_or_404, caller
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["agents"])


class DocumentOut(Schema):
    """A source with its number of passages."""

    source: str
    passages: int
    added_at: dt.datetime | None
    added_by: str | None


class SourceIn(Schema):
    model_config = {"extra": "forbid"}

    source: str = Field(min_length=1, max_length=200)


class DocumentIn(SourceIn):
    """Plain text or Markdown, at most a million characters."""

    text: str


class LentIn(Schema):
    """`memories`: also what the lender remembers of customers."""

    model_config = {"extra": "forbid"}

    memories: bool = False
    why: str


class LentOut(Schema):
    """`agent` may look up what `lender` knows."""

    agent: str = Field(alias="agent.slug")
    lender: str = Field(alias="lender.slug")
    memories: bool
    why: str
    granted_at: dt.datetime


class MemoryOut(Schema):
    """`about` is the keyed hash of the customer's address; `run` where it was learned, null once that is gone."""

    id: uuid.UUID
    about: str
    kind: Remembered
    text: str
    run: uuid.UUID | None = Field(alias="run_id")
    at: dt.datetime
    until: dt.datetime


class MemoryIn(Schema):
    model_config = {"extra": "forbid"}

    text: str


class ToldIn(MemoryIn):
    """Of whoever has the e-mail address or telephone number, which is kept nowhere."""

    address: str = Field(max_length=300)
    kind: Remembered = Remembered.PREFERENCE


class AddressIn(Schema):
    """An e-mail address or a telephone number; kept nowhere."""

    model_config = {"extra": "forbid"}

    address: str = Field(max_length=300)


class ForgottenOut(Schema):
    forgotten: int


class DoneOut(Schema):
    done: bool = True


def _document(each: Document) -> DocumentOut:
    return DocumentOut(source=each.source, passages=each.n, added_at=each.added_at, added_by=each.added_by)


@router.get("/agents/{slug:slug}/knowledge", response=list[DocumentOut], auth=READ)
def list_knowledge(request: HttpRequest, slug: str) -> list[DocumentOut]:
    """The agent's own documents, by name."""
    return [_document(each) for each in documents(agent_or_404(request, slug))]


@router.put("/agents/{slug:slug}/knowledge", response=DocumentOut, auth=CONFIGURE)
@once
def put_knowledge(request: HttpRequest, slug: str, body: DocumentIn) -> Status[DocumentOut]:
    """Adds a document, in place of one of the same name."""
    agent = agent_or_404(request, slug)
    actions.add_knowledge(agent, actor=caller(request), source=body.source, text=body.text)
    return Status(200, next(_document(each) for each in documents(agent) if each.source == body.source))


@router.post("/agents/{slug:slug}/knowledge/remove", response=DoneOut, auth=CONFIGURE)
@once
def remove_knowledge(request: HttpRequest, slug: str, body: SourceIn) -> Status[DoneOut]:
    actions.remove_knowledge(agent_or_404(request, slug), actor=caller(request), source=body.source)
    return Status(200, DoneOut())


@router.get("/agents/{slug:slug}/knowledge/grants", response=list[LentOut], auth=READ)
def list_knowledge_grants(request: HttpRequest, slug: str) -> list[KnowledgeGrant]:
    """What the agent borrows and lends."""
    return list(knowledge_grants(agent_or_404(request, slug)))


@router.put("/agents/{slug:slug}/knowledge/grants/{slug:lender}", response=LentOut, auth=CONFIGURE)
@once
def grant_knowledge(request: HttpRequest, slug: str, lender: str, body: LentIn) -> Status[LentOut]:
    """The agent may look up what the lender knows."""
    agent, other = agent_or_404(request, slug), agent_or_404(request, lender)
    grant = actions.grant_knowledge(agent, lender=other, actor=caller(request), memories=body.memories, why=body.why)
    return Status(200, LentOut.from_orm(grant))


@router.delete("/agents/{slug:slug}/knowledge/grants/{slug:lender}", response=DoneOut, auth=CONFIGURE)
@once
def withdraw_knowledge(request: HttpRequest, slug: str, lender: str) -> Status[DoneOut]:
    agent, other = agent_or_404(request, slug), agent_or_404(request, lender)
    actions.withdraw_knowledge(agent, lender=other, actor=caller(request))
    return Status(200, DoneOut())


@router.get("/agents/{slug:slug}/memories", response=Page[MemoryOut], auth=READ)
def list_memories(request: HttpRequest, slug: str, paging: Query[Paging]) -> dict[str, object]:
    return newest(Memory.objects.filter(agent=agent_or_404(request, slug)), paging)


@router.post("/agents/{slug:slug}/memories", response={201: MemoryOut}, auth=CONFIGURE)
@once
def tell_memory(request: HttpRequest, slug: str, body: ToldIn) -> Status[MemoryOut]:
    """What the agent is to know of a customer, as long as the policy keeps memories."""
    memory = runs.tell_memory(agent_or_404(request, slug), actor=caller(request), **body.model_dump())
    return Status(201, MemoryOut.from_orm(memory))


@router.patch("/agents/{slug:slug}/memories/{uuid:id}", response=MemoryOut, auth=CONFIGURE)
@once
def correct_memory(request: HttpRequest, slug: str, id: uuid.UUID, body: MemoryIn) -> Status[MemoryOut]:
    memory = get_object_or_404(Memory, pk=id, agent=agent_or_404(request, slug))
    return Status(200, MemoryOut.from_orm(runs.correct_memory(memory, text=body.text, actor=caller(request))))


@router.delete("/agents/{slug:slug}/memories/{uuid:id}", response=DoneOut, auth=CONFIGURE)
@once
def forget_memory(request: HttpRequest, slug: str, id: uuid.UUID) -> Status[DoneOut]:
    """Deleted for good."""
    memory = get_object_or_404(Memory, pk=id, agent=agent_or_404(request, slug))
    runs.forget(memory, actor=caller(request))
    return Status(200, DoneOut())


@router.post("/agents/{slug:slug}/memories/forget", response=ForgottenOut, auth=CONFIGURE)
@once
def forget_contact(request: HttpRequest, slug: str, body: AddressIn) -> Status[ForgottenOut]:
    """Everything the agent remembers of one customer."""
    n = runs.forget_contact(agent_or_404(request, slug), address=body.address, actor=caller(request))
    return Status(200, ForgottenOut(forgotten=n))
