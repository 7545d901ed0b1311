"""Why a decision may not be made, in words for the person who tried."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.people.models import User
from agents.runs.actions.holding import guard_second, refuse_changed
from agents.runs.actions.review import refuse_if_taken
from agents.runs.answers import LATER, choices
from agents.runs.enums import STANDING, DecisionKind, ItemState
from agents.runs.models import Decision, ReviewItem, RunException


class AlreadyDecided(Conflict):
    """Somebody was faster."""


def guard(
    item: ReviewItem, actor: User, kind: DecisionKind, note: str, sha256: str, held: Decision | None = None
) -> None:
    """Raises unless the person may decide so about the locked item now.

    `sha256` is of the proposal that was seen, `held` what a first person decided about it.
    """
    if item.state == ItemState.DECIDED:
        raise AlreadyDecided(who_was_faster(item), "already_decided")
    refuse_if_taken(item, actor)
    if kind is DecisionKind.SKIP and not note.strip():
        raise Invalid(_("Say why you skip it."), fields={"note": [_("Say why you skip it.")]})
    if held is not None:
        guard_second(held, actor, kind)
    if item.exception is not None:
        _guard_exception(item.exception, kind, sha256, held)


def _guard_exception(exception: RunException, kind: DecisionKind, sha256: str, held: Decision | None) -> None:
    if kind not in choices(exception):
        raise Invalid(_("“%(kind)s” does not apply here.") % {"kind": kind.label}, "kind")
    if exception.expires_at and exception.expires_at <= timezone.now() and kind not in LATER:
        raise Conflict(_("This approval has expired; it counts as denied."), "expired")
    if kind is DecisionKind.APPROVE:
        refuse_changed(exception, held, sha256)


def who_was_faster(item: ReviewItem) -> str:
    """Who decided the item, what and when."""
    final = item.decisions.exclude(kind__in=LATER).filter(state__in=STANDING).select_related("actor").first()
    if final is None:
        return _("This is closed already.")
    when = date_format(timezone.localtime(final.at), "DATETIME_FORMAT")
    what = DecisionKind(final.kind).label
    return _("%(person)s already decided this (%(kind)s, %(when)s).") % {
        "person": final.actor,
        "kind": what,
        "when": when,
    }
