"""Open an address, give it a new secret, pause it; say which agent a sender means; read an event again."""

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from agents.connectors import actions
from agents.connectors.models import Source
from agents.connectors.permissions import sources_for
from agents.connectors.queries import sources, troubled
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from console.forms import accepted, attempt
from console.pages.sources.forms import MapForm, SourceForm
from console.request import PaneRequest

SHOWN = 100


@require_safe
def sources_page(request: PaneRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: PaneRequest, *, form: SourceForm | None = None, secret: str = "", source: Source | None = None
) -> HttpResponse:
    agents = _agents(request)
    context = {
        "form": form or SourceForm(agents=agents),
        "sources": sources(request.user, request.team),
        "events": troubled(request.user, request.team)[:SHOWN],
        "agents": agents,
        "secret": secret,
        "opened": source,
        "base": request.build_absolute_uri(reverse("hook", kwargs={"source": "-"})).removesuffix("-"),
    }
    return render(request, "pages/sources/sources.html", context, status=422 if form else 200)


def _agents(request: PaneRequest) -> QuerySet[Agent]:
    return agents_for(request.user, Verb.CONFIGURE).filter(team=request.team).order_by("name")


def _source(request: PaneRequest, pk: uuid.UUID) -> Source:
    return get_object_or_404(sources_for(request.user, request.team).select_related("team", "agent"), pk=pk)


@require_POST
def new_source(request: PaneRequest) -> HttpResponse:
    """The secret is shown on this answer only."""
    form = SourceForm(request.POST, agents=_agents(request))
    if form.is_valid() and (made := attempt(form, lambda: _open(request, form))):
        return _page(request, source=made[0], secret=made[1])
    return _page(request, form=form)


def _open(request: PaneRequest, form: SourceForm) -> tuple[Source, str]:
    return actions.open_source(request.team, actor=request.user, **form.cleaned_data)


@require_POST
def rotate(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The new secret is shown on this answer only; the old one is good for another day."""
    source = _source(request, pk)
    return _page(request, source=source, secret=actions.rotate_secret(source, actor=request.user))


@require_POST
def pause(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    source, paused = _source(request, pk), request.POST.get("paused") == "1"
    actions.pause_source(source, actor=request.user, paused=paused)
    said = _("%(name)s is paused.") if paused else _("%(name)s is open again.")
    messages.success(request, said % {"name": source})
    return redirect("sources")


@require_POST
def map_agent(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    source, form = _source(request, pk), MapForm(request.POST, agents=_agents(request))
    found: list[int] = []
    if not accepted(form, lambda: found.append(_map(request, source, form))):
        messages.error(request, _("Choose an agent from the list."))
    for count in found:
        said = ngettext("%(n)s event is read again.", "%(n)s events are read again.", count)
        messages.success(request, said % {"n": count})
    return redirect("sources")


def _map(request: PaneRequest, source: Source, form: MapForm) -> int:
    return actions.map_name(source, actor=request.user, **form.cleaned_data)


@require_POST
def replay_event(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    event = get_object_or_404(troubled(request.user, request.team), pk=pk)
    actions.replay(event, actor=request.user)
    messages.success(request, _("The event is read again."))
    return redirect("sources")
