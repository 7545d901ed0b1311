"""When a person works and what they answer for: said by themselves, or by whoever leads their team."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.hooks import notify
from agents.people import verbs
from agents.people.clean import clean
from agents.people.locks import lock_users
from agents.people.models import Availability, Membership, User
from agents.people.permissions import require_for
from audit.actions import record


@dataclass(frozen=True)
class Available:
    """As `Availability` keeps it; empty is no limit."""

    days: Collection[int] = ()
    starts: dt.time | None = None
    ends: dt.time | None = None
    languages: Collection[str] = ()
    functions: Collection[str] = ()
    most_open: int | None = None


@transaction.atomic
def set_availability(user: User, given: Available, *, actor: User) -> Availability:
    """All of it, in place of what was said before. Raises `NotAllowed`, `Invalid` with `fields`."""
    require_for(user, actor)
    lock_users([user.pk])
    kept = Availability.objects.filter(user=user).first() or Availability(user=user)
    kept.days, kept.starts, kept.ends = sorted(set(given.days)), given.starts, given.ends
    kept.languages, kept.functions, kept.most_open = sorted(given.languages), sorted(given.functions), given.most_open
    _check_hours(kept)
    clean(kept, "languages", "functions", "most_open")
    kept.save()
    _note(kept, actor)
    return kept


def _check_hours(kept: Availability) -> None:
    """Days, beginning and end together, or none of them; an end that is the beginning is no working day."""
    if wrong := [name for name in ("starts", "ends") if (at := getattr(kept, name)) and at.tzinfo]:
        why = _("Hours are by the clock of the person’s own zone: name no other.")
        raise Invalid(why, "hours", fields={name: [why] for name in wrong})
    said = (bool(kept.days), kept.starts is not None, kept.ends is not None)
    if any(said) and not all(said):
        why = _("Say on which days, from when and until when; or none of it.")
        raise Invalid(why, "hours", fields={"days": [why]})
    if kept.starts is not None and kept.starts == kept.ends:
        why = _("Work ends at another time than it begins.")
        raise Invalid(why, "hours", fields={"ends": [why]})
    if not set(kept.days) <= set(range(1, 8)):
        why = _("A day is a number from 1, Monday, to 7.")
        raise Invalid(why, "hours", fields={"days": [why]})


def _note(kept: Availability, actor: User) -> None:
    told = {name: getattr(kept, name) for name in ("days", "languages", "functions", "most_open")}
    hours = [each and each.isoformat("minutes") for each in (kept.starts, kept.ends)]
    for membership in Membership.objects.filter(user=kept.user).order_by("team"):
        record(
            verbs.AVAILABILITY_SET,
            actor=actor.actor,
            team_id=membership.team_id,
            obj=kept.user,
            starts=hours[0],
            ends=hours[1],
            **told,
        )
    notify("fleet")
