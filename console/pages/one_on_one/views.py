"""One person and one agent, once a day: look, tell, ask."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.base.errors import Conflict
from agents.connectors.contract import NotSupported, VendorError
from agents.connectors.registry import adapter
from agents.fleet.actions import give_feedback
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from console.forms import accepted
from console.pages.agents.fetch import visible
from console.pages.one_on_one.forms import AskForm, FeedbackForm
from console.pages.one_on_one.talk import talk
from console.request import PaneRequest

PAGE = "pages/one_on_one/one_on_one.html"


@require_safe
def one_on_one(request: PaneRequest, slug: str) -> HttpResponse:
    """The page; for htmx only what changes by itself."""
    return _page(request, visible(request, slug))


@require_POST
def feedback(request: PaneRequest, slug: str) -> HttpResponse:
    """What the agent is told, as its next version."""
    agent, form = visible(request, slug), FeedbackForm(request.POST)
    if accepted(form, lambda: give_feedback(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Said. It holds from the next run on."))
        return redirect("one-on-one", slug)
    return _page(request, agent, 422, feedback_form=form)


@require_POST
def ask(request: PaneRequest, slug: str) -> HttpResponse:
    """The agent's own words to a question; what its system refused, in words."""
    agent, form = visible(request, slug), AskForm(request.POST)
    require(request.user, agent, Verb.INSTRUCT)
    if not form.is_valid():
        return _page(request, agent, 422, ask_form=form)
    try:
        reply = adapter(agent).ask(form.cleaned_data["question"], key=str(form.cleaned_data["key"]))
    except (Conflict, NotSupported, VendorError) as error:
        return _page(request, agent, 200, ask_form=form, refusal=error.message)
    again = AskForm(initial={"question": form.cleaned_data["question"]}, auto_id="ask_%s")
    return _page(request, agent, 200, ask_form=again, asked=True, reply=reply)


def _page(request: PaneRequest, agent: Agent, status: int = 200, **given: Any) -> HttpResponse:
    template = PAGE + ("#now" if request.headers.get("HX-Request") else "")
    forms = {"feedback_form": FeedbackForm(), "ask_form": AskForm(auto_id="ask_%s")}
    context = {"talk": talk(agent, request.user), "agent": agent, **forms, **given}
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request"
    return response
