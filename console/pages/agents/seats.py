"""Who owns an agent. Refusals of the two-owner rule are sentences on the page."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.base.errors import Invalid
from agents.fleet import actions
from agents.people.models import User
from console.forms import attempt
from console.pages.agents.fetch import visible
from console.pages.agents.forms import SeatForm
from console.pages.agents.views import agent_page
from console.request import PaneRequest


@require_POST
def seat(request: PaneRequest, slug: str) -> HttpResponse:
    """Seats somebody, or changes the seat they have."""
    agent, form = visible(request, slug), SeatForm(request.POST, team=request.team)
    if form.is_valid() and (
        seated := attempt(form, lambda: actions.seat_owner(agent, actor=request.user, **form.cleaned_data))
    ):
        said = {"user": seated.user, "role": seated.get_role_display(), "agent": agent}
        messages.success(request, _("%(user)s is %(role)s of %(agent)s.") % said)
        return redirect("agent", slug)
    return agent_page(request, agent, 422, seat_form=form)


@require_POST
def remove(request: PaneRequest, slug: str, user: uuid.UUID) -> HttpResponse:
    agent = visible(request, slug)
    owner = get_object_or_404(User, pk=user, ownerships__agent=agent)
    try:
        actions.remove_owner(agent, owner, actor=request.user)
    except Invalid as refusal:
        return agent_page(request, agent, 422, refusal=refusal.message)
    messages.success(request, _("%(user)s no longer owns %(agent)s.") % {"user": owner, "agent": agent})
    return redirect("agent", slug)
