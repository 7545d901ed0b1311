"""What an exception has behind it: whose turn it has been, and how often the same thing came before."""

import datetime as dt
from dataclasses import dataclass

from agents.base.money import format_money
from agents.people.models import User
from agents.runs import verbs
from agents.runs.models import RunException
from agents.runs.queries import Again, again, waited_micros
from audit.queries import entries, events_for, search


@dataclass(frozen=True)
class Turn:
    """One hop of the escalation policy; nobody is `to` where nobody was left."""

    at: dt.datetime
    before: str
    to: str


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
    turns = _turns(exception) if item.hops else []
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
    told = told.filter(verb__in=[verbs.EXCEPTION_HANDED_ON, verbs.EXCEPTION_UNANSWERED]).order_by("seq")
    return [
        Turn(each.event.at, (each.said or {}).get("from", ""), (each.said or {}).get("to", ""))
        for each in entries(list(told))
    ]
