"""The daily talk with one agent, over the wire: reading it, saying that one met, asking. Telling: `reviews`."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from agents.base.clock import business_day
from agents.base.errors import Conflict
from agents.connectors.actions import ask_agent
from agents.connectors.enums import Method
from agents.connectors.registry import adapter
from agents.engine.state import storable
from agents.fleet.actions import open_one_on_one
from agents.fleet.models import OneOnOne, Question
from agents.runs.queries.one_on_one import one_on_one
from console.api.access import READ, REVIEW, RUNS, agent_or_404, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["review"])


class DidOut(Schema):
    """`runs` counts by state; money in micro-units of `currency`, null: not told, or several meet, which `costs` has
    each; `samples`: outputs picked by chance.
    """

    runs: dict[str, int]
    outputs: int
    refused: int
    exceptions: int
    p_wrong: float
    cost_micros: int | None
    currency: str
    costs: dict[str, int] | None
    samples: list[uuid.UUID]

    @staticmethod
    def resolve_samples(did: Any) -> list[uuid.UUID]:
        return [sample.output for sample in did.samples]


class WaitOut(Schema):
    """One open place in its queue; `rank` is its expected loss."""

    item_id: uuid.UUID = Field(alias="pk")
    kind: str
    severity: str
    title: str
    opened_at: dt.datetime
    rank: float


class NextOut(Schema):
    at: dt.datetime | None
    title: str
    run: uuid.UUID | None

    @staticmethod
    def resolve_run(step: Any) -> uuid.UUID | None:
        return step.run.pk if step.run else None


class KpiOut(Schema):
    key: str
    value: Decimal | None
    before: Decimal | None
    target: Decimal | None
    unit: str
    day: dt.date | None
    on_target: bool | None


class FeedbackOut(Schema):
    """What it was told last, how many runs were given it, and of those since and before how many went wrong."""

    number: int = Field(alias="instruction.number")
    feedback: str = Field(alias="instruction.feedback")
    runs: int
    since: int
    wrong: int
    before: int
    wrong_before: int


class QuestionOut(Schema):
    """`reply`: the agent's own words; `problem`: why it did not answer. `rehearsal`: no language model took part."""

    id: uuid.UUID
    text: str
    asked_at: dt.datetime
    reply: str
    problem: str
    rehearsal: bool = Field(alias="is_rehearsal")
    answered_at: dt.datetime | None


class OneOnOneOut(Schema):
    """From `since` to `until` it did; `can_be_asked` and `can_be_told` from here, else `why_not_asked`."""

    agent: str = Field(alias="agent.slug")
    is_quiet: bool
    since: dt.datetime = Field(alias="window.since")
    until: dt.datetime = Field(alias="window.until")
    did: DidOut
    waits: list[WaitOut]
    next: list[NextOut]
    kpis: list[KpiOut]
    feedback: FeedbackOut | None
    questions: list[QuestionOut]
    can_be_asked: bool
    why_not_asked: str
    can_be_told: bool
    met_today: bool

    @staticmethod
    def resolve_questions(talk: Any) -> list[Question]:
        return list(Question.objects.filter(agent=talk.agent).order_by("-asked_at")[:8])

    @staticmethod
    def resolve_can_be_asked(talk: Any) -> bool:
        return adapter(talk.agent).can(Method.ASK)

    @staticmethod
    def resolve_why_not_asked(talk: Any) -> str:
        reach = adapter(talk.agent)
        return "" if reach.can(Method.ASK) else str(reach.capabilities[Method.ASK].note)

    @staticmethod
    def resolve_can_be_told(talk: Any) -> bool:
        return adapter(talk.agent).can(Method.PUSH_CONTEXT)

    @staticmethod
    def resolve_met_today(talk: Any, context: Any) -> bool:
        user = caller(context["request"])
        day = business_day(timezone.now(), user.tzinfo)
        return OneOnOne.objects.filter(agent=talk.agent, user=user, day=day).exists()


class MetOut(Schema):
    agent: str = Field(alias="agent.slug")
    day: dt.date
    opened_at: dt.datetime


class QuestionIn(Schema):
    model_config = {"extra": "forbid"}

    text: str = Field(min_length=1, max_length=2000)


@router.get("/agents/{slug:slug}/one-on-one", response=OneOnOneOut, auth=READ)
def get_one_on_one(request: HttpRequest, slug: str) -> Any:
    """What it did, waits for, does next, its KPIs, what it was told and asked. Reading it is not yet meeting it."""
    return one_on_one(agent_or_404(request, slug))


@router.post("/agents/{slug:slug}/one-on-one", response={200: MetOut}, auth=REVIEW)
@once
def meet(request: HttpRequest, slug: str) -> Status[MetOut]:
    """The caller met the agent today: what coverage counts. A second time changes nothing."""
    return Status(200, MetOut.from_orm(open_one_on_one(agent_or_404(request, slug), actor=caller(request))))


@router.get("/agents/{slug:slug}/questions", response=Page[QuestionOut], auth=READ)
def list_questions(request: HttpRequest, slug: str, paging: Query[Paging]) -> dict[str, object]:
    """What it was asked and what it said, newest first."""
    return newest(Question.objects.filter(agent=agent_or_404(request, slug)), paging)


@router.post("/agents/{slug:slug}/questions", response={201: QuestionOut}, auth=RUNS)
def ask(request: HttpRequest, slug: str, body: QuestionIn) -> Status[QuestionOut]:
    """Asks, and waits for what it says; what its system refuses is a `problem`. The same Idempotency-Key: asked once.

    Kept before it leaves, so the key is the question's own: no transaction stays open while its system thinks.
    """
    agent, header = agent_or_404(request, slug), request.headers.get("Idempotency-Key")
    key = uuid.uuid5(token_of(request).pk, header) if header else uuid.uuid4()
    asked = ask_agent(agent, body.text, actor=caller(request), key=key)
    if asked.text != storable(body.text):
        raise Conflict(_("This Idempotency-Key was used for another request."), "idempotency_key_reused")
    return Status(201, QuestionOut.from_orm(asked))
