"""What customer and agent said to each other, as a person who takes over reads it (R-053)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from agents.fleet.models import Agent
from agents.runs.guards.customers import heard, text_of
from agents.runs.models import Output, Run, Step
from agents.runs.queries.conversation import conversation

MOST = 60
"""Messages that are shown, the newest."""
LONGEST = 2_000


@dataclass(frozen=True)
class Message:
    """`agent` is empty for the customer."""

    at: dt.datetime
    text: str
    agent: str = ""


def messages(run: Run, seen: QuerySet[Agent]) -> list[Message]:
    """Of the whole conversation it is a turn of, as far as its agents are `seen`, oldest first; three queries."""
    turns = conversation(run, seen) or [run]
    # Our own agents' drafts are no messages: what they said is what they put out.
    spoken = Step.objects.filter(Q(kind="message") | Q(kind="role") & ~Q(run__source=""), run__in=turns)
    steps, outputs = defaultdict[UUID, list[Step]](list), defaultdict[UUID, list[Output]](list)
    for step in reversed(spoken.order_by("-run_id", "-seq")[: 2 * MOST]):
        steps[step.run_id].append(step)
    for output in Output.objects.filter(run__in=turns).order_by("created_at", "pk"):
        outputs[output.run_id].append(output)
    found: list[Message] = []
    for turn in turns:
        for each in _of(turn, steps[turn.pk], outputs[turn.pk]):
            if each.text and (each.agent, each.text) not in {(one.agent, one.text) for one in found[-2:]}:
                found.append(each)
    return found[-MOST:]


def _of(run: Run, steps: list[Step], outputs: list[Output]) -> Iterator[Message]:
    """What it was asked, each step of its conversation, what it put out at last."""
    yield Message(run.created_at, text_of(run.input)[:LONGEST])
    for step in steps:
        at = step.started_at or run.created_at
        asked = heard(step.node, step.input, step.output)[:LONGEST] if step.kind == "message" else ""
        answered = text_of(step.output)[:LONGEST]
        yield Message(at, asked)
        yield Message(at, answered if answered != asked else "", run.agent.name)
    for output in outputs:
        yield Message(output.created_at, output.content[:LONGEST], run.agent.name)
