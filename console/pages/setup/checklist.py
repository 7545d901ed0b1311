"""What is left until every agent of a new team is live: counted, never assumed."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents.fleet.enums import QUORUM_ROLES, Lifecycle
from agents.fleet.models import Agent
from agents.people.models import Membership, Team, User
from agents.people.permissions import may_give
from agents.people.queries import pending_invitations

QUORUM = Q(owners__role__in=QUORUM_ROLES, owners__user__is_active=True)


@dataclass(frozen=True)
class Todo:
    """One step: done or not, what was found, and where to do it, for who may."""

    label: str | Promise
    done: bool
    found: str
    url: str
    act: str | Promise


def checklist(team: Team, reader: User) -> list[Todo]:
    """Second person, agents, two owners each, live; from four counts."""
    invite = reverse("people") if may_give(reader, team.pk) else ""
    people = Membership.objects.filter(team=team, user__is_active=True).count()
    invited = pending_invitations(team).count()
    agents = Agent.objects.filter(team=team).exclude(lifecycle=Lifecycle.RETIRED)
    counted = agents.annotate(quorum=Count("owners", filter=QUORUM))
    total, short = counted.count(), counted.filter(quorum__lt=2).count()
    live = agents.filter(lifecycle=Lifecycle.LIVE).count()
    return [
        Todo(gettext_lazy("A second person"), people > 1, _people(people, invited), invite, _("Invite")),
        Todo(gettext_lazy("Your agents"), total > 0, _agents(total), reverse("import-agents"), _("Import a CSV file")),
        Todo(_("Two owners for each"), total > 0 and short == 0, _short(total, short), reverse("owners"), _("Seat")),
        Todo(_("Live"), total > 0 and live == total, _live(total, live), reverse("agents"), _("Go through them")),
    ]


def _people(people: int, invited: int) -> str:
    found = ngettext("%(n)d person can sign in", "%(n)d people can sign in", people) % {"n": people}
    if not invited:
        return found
    links = ngettext("%(n)d link not used yet", "%(n)d links not used yet", invited) % {"n": invited}
    return f"{found} · {links}"


def _agents(total: int) -> str:
    return ngettext("%(n)d agent", "%(n)d agents", total) % {"n": total} if total else _("none yet")


def _short(total: int, short: int) -> str:
    if not total:
        return _("an agent may be reviewed while it waits for its second owner, but is not live")
    if not short:
        return _("every agent has two")
    awaits = ngettext("%(n)d agent awaits", "%(n)d agents await", short) % {"n": short}
    return _("%(awaits)s its second owner: reviewed, not live") % {"awaits": awaits}


def _live(total: int, live: int) -> str:
    return _("%(live)d of %(total)d") % {"live": live, "total": total}
