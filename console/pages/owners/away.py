"""Days on which owners are away: declared, ended, and what that leaves without anybody."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.models import Agent, AgentOwner
from agents.fleet.queries import left_alone
from agents.people.actions import declare_absence, end_absence
from agents.people.models import Absence, Team, User
from agents.people.permissions import PEOPLE_ROLES, holds
from agents.people.queries import absences
from agents.runs.models import Decision
from console.forms import accepted
from console.pages.owners.forms import AbsenceForm
from console.request import PaneRequest

NEAR = dt.timedelta(days=7)
"""Today tells of an absence so long before it begins and after it was over."""
# As rows: Today asks it with every look, and mostly there is nothing.
NEARBY = """
SELECT a.*, coalesce(nullif(u.name, ''), u.email) AS person FROM people_absence a
JOIN people_user u ON u.id = a.user_id AND u.is_active
JOIN people_membership m ON m.user_id = a.user_id AND m.team_id = %s
WHERE a.since < %s AND a.until > %s ORDER BY a.since, a.id
"""


@dataclass(frozen=True)
class Row:
    """One absence; `alone` are the agents that nobody answers for at some moment of it; `ends`: the reader may."""

    absence: Absence
    alone: list[Agent]
    ends: bool

    @property
    def now(self) -> bool:
        return self.absence.since <= timezone.now()


@dataclass(frozen=True)
class Line:
    """What Today says of an absence, and where it leads."""

    text: str
    url: str


@require_safe
def away(request: PaneRequest) -> HttpResponse:
    return _page(request, AbsenceForm(team=request.team, user=request.user, leads=_leads(request)))


def _page(request: PaneRequest, form: AbsenceForm, status: int = 200) -> HttpResponse:
    leads = _leads(request)
    rows = [
        Row(absence, list(left_alone(absence).filter(team=request.team)), leads or absence.user == request.user)
        for absence in absences(request.team)
    ]
    return render(request, "pages/owners/away.html", {"rows": rows, "form": form}, status=status)


def _leads(request: PaneRequest) -> bool:
    return holds(request.user, request.team.pk, PEOPLE_ROLES)


@require_POST
def declare(request: PaneRequest) -> HttpResponse:
    """Accepted even where it leaves agents alone, which is said at once: people fall ill."""
    form = AbsenceForm(request.POST, team=request.team, user=request.user, leads=_leads(request))
    if not accepted(form, lambda: declare_absence(**form.declared(), actor=request.user)):
        return _page(request, form, 422)
    messages.success(request, _("Declared. What would be theirs goes to whoever covers, and comes back afterwards."))
    newest = absences(request.team).filter(declared_by=request.user).latest("declared_at")
    if alone := list(left_alone(newest).filter(team=request.team)):
        names = ", ".join(map(str, alone))
        messages.warning(request, _("Nobody answers for these meanwhile: %(names)s.") % {"names": names})
    return redirect("absences")


@require_POST
def end(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    absence = get_object_or_404(absences(request.team), pk=pk)
    end_absence(absence, actor=request.user)
    messages.success(request, _("What is still open goes back within seconds."))
    return redirect("absences")


def lines(user: User, team: Team) -> list[Line]:
    """For Today: who is away, whether the reader will be, and what others decided meanwhile. One query, or two."""
    now = timezone.now()
    near = Absence.objects.raw(NEARBY, [team.pk, now + NEAR, now - NEAR])
    found = [_line(each, user, now) for each in near]
    return [line for line in found if line]


def _line(absence: Any, user: User, now: dt.datetime) -> Line | None:
    """`absence` with the name of its `person`."""
    mine, over = absence.user_id == user.pk, absence.ended_at or absence.until
    told = {"person": absence.person, "first": date_format(absence.first), "last": date_format(absence.last)}
    if over <= now:
        return _meanwhile(absence, over) if mine and over > absence.since else None
    if absence.since > now:
        return Line(_("You are away from %(first)s to %(last)s.") % told, reverse("absences")) if mine else None
    if mine:
        text = _("You are away until %(last)s; what waits for you is your cover’s.")
    else:
        text = _("%(person)s is away until %(last)s.")
    return Line(text % told, reverse("absences"))


def _meanwhile(absence: Absence, over: dt.datetime) -> Line | None:
    """Whether others decided about the person's agents, with the trail of those days."""
    mine = AgentOwner.objects.filter(user=absence.user_id).values("agent")
    decided = Decision.objects.filter(at__gte=absence.since, at__lt=over, rule=None).exclude(actor=absence.user_id)
    if not decided.filter(Q(item__agent__in=mine) | Q(review__agent__in=mine)).exists():
        return None
    days = {"verb": "decision", "since": absence.first.isoformat(), "until": over.date().isoformat()}
    return Line(_("While you were away, others decided about your agents."), reverse("audit", query=days))
