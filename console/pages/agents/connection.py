"""How an agent's system is reached: said, tried, fetched from, let go. Credentials go in and are never shown."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.connectors import actions
from agents.connectors.contract import NotSupported, VendorError
from agents.connectors.models import Connection
from console.forms import accepted
from console.pages.agents.fetch import visible
from console.pages.agents.reach import ConnectionForm
from console.pages.agents.views import agent_page
from console.request import PaneRequest


@require_POST
def connect(request: PaneRequest, slug: str) -> HttpResponse:
    agent = visible(request, slug)
    form = ConnectionForm(request.POST, agent=agent, connection=Connection.objects.filter(agent=agent).first())
    if accepted(form, lambda: actions.connect(agent, actor=request.user, **form.wanted())):
        messages.success(request, _("Kept. Try the connection now."))
        return redirect("agent", slug)
    return agent_page(request, agent, 422, connection_form=form)


@require_POST
def test(request: PaneRequest, slug: str) -> HttpResponse:
    """Asks the system something harmless and says how long it took, or why it failed."""
    connection = _connection(request, slug)
    try:
        health = actions.try_connection(connection, actor=request.user)
    except (VendorError, NotSupported) as problem:
        messages.error(request, problem.message)
        return redirect("agent", slug)
    told = {"ms": health.took_ms, "what": health.detail}
    if health.rehearsal:
        messages.success(request, _("A stand-in answered in %(ms)d ms (%(what)s): not a live account.") % told)
    else:
        messages.success(request, _("It answered in %(ms)d ms (%(what)s).") % told)
    return redirect("agent", slug)


@require_POST
def fetch(request: PaneRequest, slug: str) -> HttpResponse:
    actions.sync_now(_connection(request, slug), actor=request.user)
    messages.success(request, _("Fetching what it did since the last time."))
    return redirect("agent", slug)


@require_POST
def remove(request: PaneRequest, slug: str) -> HttpResponse:
    actions.disconnect(_connection(request, slug), actor=request.user)
    messages.success(request, _("Its credentials are gone. What it has done stays."))
    return redirect("agent", slug)


def _connection(request: PaneRequest, slug: str) -> Connection:
    agent = visible(request, slug)
    return get_object_or_404(Connection.objects.select_related("agent__team"), agent=agent)
