"""One decision about many different items: each by itself, with its own event; one that is refused keeps no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from agents.base.errors import Invalid, Refused
from agents.people.models import User
from agents.runs.actions.decisions import decide
from agents.runs.enums import DecisionKind
from agents.runs.models import Decision, ReviewItem
from agents.runs.stakes import needs_second

MOST = 200
TOGETHER = (
    DecisionKind.APPROVE,
    DecisionKind.REJECT,
    DecisionKind.RESPOND,
    DecisionKind.IGNORE,
    DecisionKind.ESCALATE,
    DecisionKind.SKIP,
)


@dataclass(frozen=True)
class Outcome:
    """What became of one item: its decision, or why there is none."""

    item: ReviewItem
    decision: Decision | None = None
    why: str = ""
    code: str = ""


def decide_many(
    items: Sequence[ReviewItem], *, actor: User, kind: DecisionKind, seen: Mapping[UUID, str], key: str, **decision: Any
) -> list[Outcome]:
    """The same decision about each, in the order given; `seen` are the hashes of the proposals by item.

    Raises Invalid when they are too many, or when approvals are not of one agent and kind or need a second person: what
    is approved in one go must be comparable at a glance.
    """
    if kind not in TOGETHER or len(items) > MOST:
        raise Invalid(_("At most 200 items are decided together, and edits one by one."), "bulk")
    if kind is DecisionKind.APPROVE:
        _comparable(items)
    return [_one(item, seen.get(item.pk, ""), key, actor=actor, kind=kind, **decision) for item in items]


def _one(item: ReviewItem, sha256: str, key: str, **decision: Any) -> Outcome:
    try:
        return Outcome(item, decide(item, proposal_sha256=sha256, idempotency_key=key, **decision))
    except Refused as refusal:
        return Outcome(item, None, refusal.message, refusal.code)


def _comparable(items: Sequence[ReviewItem]) -> None:
    exceptions = [item.exception for item in items if item.exception]
    if len({(each.agent_id, each.kind, each.cause) for each in exceptions}) > 1:
        raise Invalid(_("Approve together only what one agent asks of one kind."), "bulk")
    if any(needs_second(item.agent, item.exception.proposal) for item in items if item.exception):
        raise Invalid(_("Something among these needs a second person: approve it by itself."), "bulk")
