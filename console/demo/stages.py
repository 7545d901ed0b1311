"""Later moments of the demo's day, through the doors that people and workers use: its night done, its queue decided."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from agents.base.clock import business_day
from agents.connectors.actions import complete_check_in, parse
from agents.connectors.enums import InboxState
from agents.connectors.models import InboxEvent
from agents.fleet.models import Agent, ReviewTime
from agents.people.models import Team, User
from agents.runs.actions import batch_approve, decide, decide_review, open_reviews, show_review
from agents.runs.causes import guess, wants_cause
from agents.runs.enums import OPEN_REVIEWS, DecisionKind, ExceptionKind, ItemState, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import DailyReview, ReviewItem, Run
from campaigns.actions import watch
from console.demo.asks import ASKS
from console.demo.build import SLUG
from console.night import night

EACH_S = 75
"""Seconds that the manager gives an agent."""


def team() -> Team:
    return Team.objects.get(slug=SLUG, is_demo=True)


def person(role: str) -> User:
    return User.objects.get(email=f"{role}@demo.example")


def morning() -> list[str]:
    """The night carried out here, collected and ranked; a line for each part of it."""
    for event in InboxEvent.objects.filter(source__team=team(), state=InboxState.RECEIVED).values_list("pk", flat=True):
        parse(event)
    watch()
    return list(night(team()))


def decide_all() -> int:
    """The manager settles every item and every agent's day, and the answered runs go on; how many items are left."""
    manager = person("manager")
    for item in open_items().order_by("-rank").select_related("exception__run", "agent"):
        settle_item(item, manager)
    carry_on()
    _review(manager)
    return open_items().count()


def open_items() -> QuerySet[ReviewItem]:
    return ReviewItem.objects.filter(agent__team=team()).exclude(state=ItemState.DECIDED)


def settle_item(item: ReviewItem, manager: User) -> None:
    """The manager's answer: a proposal is approved, a question answered, a check-in made."""
    exception, key = item.exception, f"demo-{item.pk}"
    if exception and exception.kind == ExceptionKind.CHECK_IN:
        complete_check_in(exception, actor=manager, evidence="Looked at its list: nothing odd.", minutes=2, key=key)
    elif exception and exception.proposal is not None:
        seen = exception.proposal_sha256
        decide(item, actor=manager, kind=DecisionKind.APPROVE, proposal_sha256=seen, idempotency_key=key)
    else:
        said = {"payload": _answer(item), "note": "Seen.", "idempotency_key": key}
        cause = guess(exception) if exception and wants_cause(exception) else ""
        decide(item, actor=manager, kind=DecisionKind.RESPOND, root_cause=cause, **said)


def _answer(item: ReviewItem) -> Any:
    """What fits the question: the demo knows its own; a ticket is closed, a report noted."""
    exception = item.exception
    titles = {ask.title: ask.answer for asks in ASKS.values() for ask in asks}
    if exception and exception.title in titles:
        return titles[exception.title]
    return {"action": "close"} if exception and exception.schema else None


def carry_on() -> None:
    """Runs that have been answered, here."""
    queued = Run.objects.filter(agent__team=team(), state=RunState.QUEUED).order_by("pk")
    for pk in list(queued.values_list("pk", flat=True)):
        drive(pk)


def _review(manager: User) -> None:
    """Quiet agents in one batch, the others one by one, each with the minutes it took."""
    now, today = timezone.now(), business_day(timezone.now(), manager.tzinfo)
    open_reviews(team(), today)
    reviews = DailyReview.objects.filter(agent__team=team(), state__in=OPEN_REVIEWS).select_related("agent")
    mine = reviews.filter(agent__owners__user=manager).order_by("agent__slug")
    left = batch_approve(list(mine), actor=manager).left
    for review in left:
        show_review(review, actor=manager)
        decide_review(review, actor=manager, kind=DecisionKind.APPROVE, idempotency_key=f"demo-{review.pk}")
    for agent in Agent.objects.filter(reviews__in=left):
        _spend(manager, agent, today, now)


def _spend(manager: User, agent: Agent, today: dt.date, now: dt.datetime) -> None:
    """Nobody sat at a page, so nothing beat: the minutes are the demo's own."""
    spent, _made = ReviewTime.objects.get_or_create(user=manager, agent=agent, day=today, defaults={"last_at": now})
    spent.seconds += EACH_S
    spent.save(update_fields=["seconds"])
