"""Holding a decision until a second person says the same (ASVS 5.0 2.3.5)."""

from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.engine import digest
from agents.people.models import User
from agents.runs.answers import HELD, LATER, answer_for, happens, proposes
from agents.runs.enums import DecisionKind, DecisionState, ItemState
from agents.runs.models import Decision, ReviewItem, RunException
from agents.runs.stakes import needs_second


def held_of(item: ReviewItem) -> Decision | None:
    """What the first person decided, while the second has not."""
    held = item.decisions.filter(state=DecisionState.HELD) if item.state != ItemState.DECIDED else None
    return held.select_related("actor").first() if held is not None else None


def to_be_held(decision: Decision, item: ReviewItem) -> bool:
    """Whether what the decision lets happen is more than one person may."""
    exception = item.exception
    if exception is None or not proposes(exception):
        return False
    return needs_second(item.agent, happens(exception, DecisionKind(decision.kind), decision.payload))


def hold(decision: Decision, item: ReviewItem) -> None:
    """Nothing happens yet; the item waits for another of the agent's people. Raises Invalid as `answer_for` does."""
    if item.exception is not None:
        answer_for(item.exception, DecisionKind(decision.kind), decision.payload, decision.note)
    decision.state = DecisionState.HELD
    decision.save()
    item.state, item.claimed_by, item.claimed_until, item.snoozed_until = ItemState.HELD, None, None, None
    item.save(update_fields=["state", "claimed_by", "claimed_until", "snoozed_until"])


def seen_sha256(exception: RunException, held: Decision | None) -> str:
    """The hash of what is to be approved: what was proposed, or what the first person made of it."""
    if held is not None and held.payload is not None:
        return digest(held.payload)
    return exception.proposal_sha256


def guard_second(held: Decision, actor: User, kind: DecisionKind) -> None:
    """Raises unless this person may be the second, and so."""
    if held.actor_id == actor.pk:
        said = _("You approved this yourself; now another of its people has to.")
        raise NotAllowed(said, "self_approval")
    if kind not in (*HELD, *LATER):
        said = _("%(person)s approved this: approve it too, or reject it.") % {"person": held.actor}
        raise Invalid(said, "held")


def refuse_changed(exception: RunException, held: Decision | None, sha256: str) -> None:
    """Raises Conflict unless what the person saw is what would happen."""
    if sha256 != seen_sha256(exception, held):
        raise Conflict(_("What you saw is not what is proposed. Load the page again."), "changed")
