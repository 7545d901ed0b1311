"""What an exception has behind it: whose turn it has been, and how often the same thing came before."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.dateparse import parse_datetime

from agents.base.money import format_money
from agents.people.models import User
from agents.runs import verbs
from agents.runs.models import RunException
from agents.runs.queries import Again, again, waited_micros
from audit.queries import entries, events_for, search

HOPS = (
    verbs.EXCEPTION_ASKED,
    verbs.EXCEPTION_HANDED_ON,
    verbs.EXCEPTION_OFF_HOURS,
    verbs.EXCEPTION_UNANSWERED,
)


@dataclass(frozen=True)
class Turn:
    """One hop of the escalation policy; nobody is `to` where nobody was left.

    `because` is why somebody was asked in place of the primary owner, `until` when the next of them is at work.
    """

    at: dt.datetime
    before: str
    to: str
    because: str
    until: dt.datetime | None


@dataclass(frozen=True)
class Past:
    """`assignee` has it now, until `next_at`; `cost` is what its waiting has cost, "" where nobody said what an hour
    costs; `again` says how often the agent had the same trouble."""

    assignee: User | None
    next_at: dt.datetime | None
    turns: list[Turn]
    cost: str
    again: Again


def past(exception: RunException) -> Past:
    """One query; two more where it has been handed on. The item is read with it."""
    item = exception.item
    turns = _turns(exception) if item.hops or item.assignee_id else []
    return Past(item.assignee, item.escalate_at, turns, cost_of_waiting(exception), again(exception))


def cost_of_waiting(exception: RunException) -> str:
    """Until now, or until it was answered: its clock stops there."""
    agent = exception.agent
    if not agent.waiting_cost_micros_per_hour:
        return ""
    micros = waited_micros(agent.waiting_cost_micros_per_hour, exception.opened_at, exception.resolved_at)
    return format_money(micros, agent.currency)


def _turns(exception: RunException) -> list[Turn]:
    told = search(events_for(exception.agent.team_id), object_id=exception.pk)
    return [_turn(each.event.at, each.said or {}) for each in entries(list(told.filter(verb__in=HOPS).order_by("seq")))]


def _turn(at: dt.datetime, said: Mapping[str, str]) -> Turn:
    until = parse_datetime(said.get("until", ""))
    return Turn(at, said.get("from", ""), said.get("to", ""), said.get("because", ""), until)
