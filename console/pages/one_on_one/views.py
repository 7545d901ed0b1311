"""One person and one agent, once a day: look, tell, ask."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.base.errors import Conflict
from agents.connectors.actions import ask_agent, confirm_instruction
from agents.fleet.actions import give_feedback, open_one_on_one
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Instruction
from agents.fleet.permissions import require
from console.forms import accepted
from console.pages.agents.fetch import visible
from console.pages.one_on_one.forms import AskForm, FeedbackForm, PastedForm
from console.pages.one_on_one.round import whose_turn
from console.pages.one_on_one.talk import talk
from console.request import PaneRequest

PAGE = "pages/one_on_one/one_on_one.html"


@require_safe
def one_on_one(request: PaneRequest, slug: str) -> HttpResponse:
    """The page; for htmx only what changes by itself."""
    return _page(request, visible(request, slug))


@require_safe
def go_round(request: PaneRequest) -> HttpResponse:
    """On to the worst agent that nobody has met today; to Today when everybody was met."""
    slug = whose_turn(request.user, request.team)
    return redirect("one-on-one", slug) if slug else redirect("today")


@require_POST
def feedback(request: PaneRequest, slug: str) -> HttpResponse:
    """What the agent is told, as its next version."""
    agent, form = visible(request, slug), FeedbackForm(request.POST)
    if accepted(form, lambda: give_feedback(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Said."))
        return redirect("one-on-one", slug)
    return _page(request, agent, 422, feedback_form=form)


@require_POST
def opened(request: PaneRequest, slug: str) -> HttpResponse:
    """The page was opened by somebody who answers for the agent: that is what coverage counts."""
    open_one_on_one(visible(request, slug), actor=request.user)
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("one-on-one", slug)


@require_POST
def pasted(request: PaneRequest, slug: str) -> HttpResponse:
    """What the agent is told was carried to its own page by hand."""
    agent, form = visible(request, slug), PastedForm(request.POST, auto_id="pasted_%s")
    given = Instruction.objects.filter(agent=agent).select_related("agent").order_by("-number").first()
    if given is None:
        require(request.user, agent, Verb.INSTRUCT)
        raise Conflict(_("There is nothing to paste."), "closed")
    if accepted(form, lambda: confirm_instruction(given, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Kept, with what you saw and the minutes."))
        return redirect("one-on-one", slug)
    return _page(request, agent, 422, pasted_form=form)


@require_POST
def ask(request: PaneRequest, slug: str) -> HttpResponse:
    """A question; the agent's own words, or what its system refused, stay in the thread."""
    agent, form = visible(request, slug), AskForm(request.POST, auto_id="ask_%s")
    require(request.user, agent, Verb.INSTRUCT)
    if not form.is_valid():
        return _page(request, agent, 422, ask_form=form)
    ask_agent(agent, form.cleaned_data["question"], actor=request.user, key=form.cleaned_data["key"])
    response = redirect("one-on-one", slug)
    response["Location"] += "#thread"
    return response


def _page(request: PaneRequest, agent: Agent, status: int = 200, **given: Any) -> HttpResponse:
    template = PAGE + ("#now" if request.headers.get("HX-Request") else "")
    forms: dict[str, Any] = {"feedback_form": FeedbackForm(), "ask_form": AskForm(auto_id="ask_%s")}
    forms["pasted_form"] = PastedForm(auto_id="pasted_%s")
    context = {"talk": talk(agent, request.user), "agent": agent, **forms, **given}
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request"
    return response
