"""One decision for what is the same question again: each item gets its own, with its own event."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from agents.base.errors import Conflict
from agents.people.models import User
from agents.runs.actions.decisions import decide
from agents.runs.actions.releasing import undo_decision
from agents.runs.enums import DecisionKind, DecisionState
from agents.runs.models import Decision, ReviewItem
from agents.runs.queries.alike import alike


@dataclass
class Together:
    """What became of a decision about many: those made, and those that were left, each with why."""

    made: list[Decision] = field(default_factory=list)
    left: list[tuple[ReviewItem, str]] = field(default_factory=list)

    @property
    def kind(self) -> DecisionKind:
        """What was decided, the same of all."""
        return DecisionKind(self.made[0].kind)

    @property
    def is_held(self) -> bool:
        """Whether a second person has to say the same first."""
        return self.made[0].state == DecisionState.HELD


def decide_alike(item: ReviewItem, also: Collection[ReviewItem], **decision: Any) -> Together:
    """Decides the item, and those of `also` that still ask the same; each in a transaction of its own.

    Raises what `decide` raises about the item itself; of the others, whoever was faster is left.
    """
    same = [each.item for each in alike(item.exception).filter(item__in=also)] if item.exception and also else []
    together = Together([decide(item, **decision)])
    for each in same:
        try:
            together.made.append(decide(each, **decision))
        except Conflict as error:
            together.left.append((each, error.message))
    return together


def undo_alike(decision: Decision, *, actor: User) -> list[ReviewItem]:
    """Takes back a decision and those made together with it, unless somebody has acted on one of those since. Raises
    what `undo_decision` raises about the first."""
    items = [undo_decision(decision, actor=actor)]
    together = Decision.objects.filter(actor=decision.actor_id, idempotency_key=decision.idempotency_key)
    held_back = Q(state__in=[DecisionState.PENDING, DecisionState.HELD])
    open_ones = held_back | Q(kind=DecisionKind.ESCALATE, state=DecisionState.RELEASED, rule=None)
    others = together.filter(open_ones, item__agent=items[0].agent_id).exclude(pk=decision.pk)
    for each in others.select_related("item__agent").order_by("pk"):
        with suppress(Conflict):
            items.append(undo_decision(each, actor=actor))
    return items
