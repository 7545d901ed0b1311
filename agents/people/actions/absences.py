"""Days on which a person answers for nothing: declared ahead, by themselves or by whoever leads their team."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.clock import local_instant
from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.people import verbs
from agents.people.clean import clean
from agents.people.locks import lock_users
from agents.people.models import Absence, Membership, User
from agents.people.permissions import require_for
from audit.actions import record

LONGEST = dt.timedelta(days=366)


@transaction.atomic
def declare_absence(user: User, *, first: dt.date, last: dt.date, zone: str = "", actor: User) -> Absence:
    """The person is away on these days, both included; `zone` empty: their own.

    Raises `NotAllowed` for somebody else's absence without a role over people, `Invalid` for days that are over, run
    backwards, are too many, or meet an absence declared before.
    """
    require_for(user, actor)
    lock_users([user.pk])
    absence = Absence(user=user, first=first, last=last, zone=zone or user.zone, declared_by=actor)
    clean(absence, "zone")
    _check_days(absence)
    clock = ZoneInfo(absence.zone)
    absence.since = local_instant(first, dt.time(), clock)
    absence.until = local_instant(last + dt.timedelta(days=1), dt.time(), clock)
    _refuse_twice(absence)
    absence.save(force_insert=True)
    note_absence(verbs.ABSENCE_DECLARED, absence, actor)
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, actor: User) -> Absence:
    """Back early, or staying after all. Raises `NotAllowed`, `Conflict` when it is over."""
    require_for(absence.user, actor)
    locked = Absence.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=absence.pk)
    if locked.ended_at or locked.until <= timezone.now():
        raise Conflict(_("These days are over."), "absence_over")
    locked.ended_at = timezone.now()
    locked.save(update_fields=["ended_at"])
    note_absence(verbs.ABSENCE_ENDED, locked, actor)
    return locked


def note_absence(verb: str, absence: Absence, actor: User | None = None) -> None:
    """Its event, in every team the person is in; without `actor`, the person's own."""
    for membership in Membership.objects.filter(user=absence.user).order_by("team"):
        record(
            verb,
            actor=(actor or absence.user).actor,
            team_id=membership.team_id,
            obj=absence,
            user=absence.user_id,
            first=absence.first,
            last=absence.last,
            zone=absence.zone,
        )
    notify("fleet")


def _check_days(absence: Absence) -> None:
    today = timezone.now().astimezone(ZoneInfo(absence.zone)).date()
    if absence.last < absence.first:
        why = _("The last day is before the first.")
    elif absence.last < today:
        why = _("These days are over.")
    elif absence.last - absence.first > LONGEST or absence.first - today > LONGEST:
        why = _("A year at most, and a year ahead at most.")
    else:
        return
    raise Invalid(why, "days", fields={"last": [why]})


def _refuse_twice(absence: Absence) -> None:
    others = Absence.objects.filter(user=absence.user, ended_at=None)
    if other := others.filter(since__lt=absence.until, until__gt=absence.since).first():
        why = _("Already declared: %(first)s to %(last)s.") % {"first": other.first, "last": other.last}
        raise Invalid(why, "days", fields={"first": [why]})
