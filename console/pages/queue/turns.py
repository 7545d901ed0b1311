"""Putting an item off, handing it to somebody, noting something about it."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.base.errors import Conflict, Invalid
from agents.fleet.models import Agent
from agents.fleet.permissions import reviewers
from agents.people.models import User
from agents.runs.actions import snooze_item
from agents.runs.actions.turns import assign_item, assign_to_agent, note_item
from agents.runs.models import ReviewItem
from agents.runs.queries.helping import helpers
from console.pages.queue.items import LATER, turned, visible_item
from console.pages.queue.rows import clock
from console.request import PaneRequest, with_messages

MORNING = 9
"""The hour, in the person's zone, at which what was put off until tomorrow comes back."""


class SnoozeForm(forms.Form):
    """One of the usual whiles, or a time of one's own."""

    later = forms.ChoiceField(choices=list(LATER.items()), required=False)
    until = forms.DateTimeField(required=False)

    def wanted(self) -> dt.datetime:
        now, later = timezone.localtime(), self.cleaned_data["later"]
        if later == "tomorrow":
            return (now + dt.timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)
        if later:
            return now + dt.timedelta(hours=int(later.removesuffix("h")))
        return self.cleaned_data["until"] or now


class AssignForm(forms.Form):
    """One of the agent's people, or an agent of ours; `cleaned_data["to"]` is which."""

    to = forms.UUIDField()

    def __init__(self, data: Any, item: ReviewItem, user: User) -> None:
        super().__init__(data)
        self.item, self.user = item, user

    def clean_to(self) -> User | Agent:
        pk, exception = self.cleaned_data["to"], self.item.exception
        person = reviewers(self.item.agent).filter(pk=pk).first()
        agents = helpers(self.user, exception) if exception and not person else []
        found = person or next((agent for agent in agents if agent.pk == pk), None)
        if found is None:
            raise forms.ValidationError("")
        return found


@require_POST
def snooze(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """It comes back by itself."""
    item, form = visible_item(request, pk), SnoozeForm(request.POST)
    until = form.wanted() if form.is_valid() else timezone.now()
    try:
        snooze_item(item, actor=request.user, until=until)
    except (Conflict, Invalid) as error:
        typed = request.POST.get("until", "")
        return turned(request, pk, error.status, problem_until=error.message, until=typed)
    messages.success(request, _("Put off until %(when)s.") % {"when": clock(until)})
    return redirect("queue")


@require_POST
def assign(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """From now on it is somebody else's turn; or an agent works out an answer, and a person decides."""
    item = visible_item(request, pk)
    form = AssignForm(request.POST, item, request.user)
    if not form.is_valid():
        return turned(request, pk, 422, problem_to=_("Choose somebody who may decide this."))
    if isinstance(to := form.cleaned_data["to"], Agent):
        said = _("%(agent)s works out an answer; you decide what becomes of it.") % {"agent": to}
        return _moved(request, pk, "problem_to", said, lambda: assign_to_agent(item, actor=request.user, to=to))
    said = _("It is %(name)s’s turn.") % {"name": to}
    return _moved(request, pk, "problem_to", said, lambda: assign_item(item, actor=request.user, to=to))


@require_POST
def note(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """For the agent's people only."""
    item, text = visible_item(request, pk), request.POST.get("text", "")[:10_000]
    said, act = _("Noted. No agent is told."), lambda: note_item(item, actor=request.user, text=text)
    return _moved(request, pk, "problem_noted", said, act, noted=text)


def _moved(
    request: PaneRequest, pk: uuid.UUID, where: str, said: str, act: Callable[[], object], **typed: str
) -> HttpResponse:
    """The item as it is then; refused, with why at its form (`where`) and what was typed into it."""
    try:
        act()
    except (Conflict, Invalid) as error:
        return turned(request, pk, error.status, **{where: error.message}, **typed)
    messages.success(request, said)
    if request.headers.get("HX-Request"):
        return with_messages(request, turned(request, pk))
    return redirect("queue-item", pk=pk)
