"""Giving a flow to an agent: which one, and, of a heavy pattern, why."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.base.phrases import spoken
from agents.fleet.enums import Vendor, Verb
from agents.fleet.models import Agent, Assignment
from agents.fleet.permissions import agents_for
from agents.flows.assigning import assign_flow
from agents.flows.composing import recipe
from agents.flows.otherwise import alternatives
from agents.flows.patterns import HEAVY
from agents.flows.recipe import Recipe
from console.forms import accepted
from console.request import PaneRequest


class AssignForm(forms.Form):
    agent = forms.ModelChoiceField(
        label=gettext_lazy("Agent"), queryset=Agent.objects.none(), to_field_name="slug", empty_label=None
    )

    otherwise = forms.ChoiceField(
        label=gettext_lazy("Another route"),
        required=False,
        help_text=gettext_lazy(
            "What a run does instead whose plan finds that such runs cost or take too much, or are too unsure."
        ),
    )

    def __init__(self, *args: Any, agents: QuerySet[Agent], flow: Recipe, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.data.get("otherwise", "")
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        others = {one.slug: one for one in alternatives(flow)}
        named = [(slug, spoken(one.name)) for slug, one in others.items()]
        self.fields["otherwise"].choices = [("", _("None: another model, then a person")), *named]  # type: ignore[attr-defined]
        if HEAVY.keys() & {one.graph.pattern for one in (flow, others.get(chosen, flow))}:
            self.fields["because"] = forms.CharField(label=_("Why this and nothing lighter"), max_length=300)


@require_http_methods(["GET", "POST"])
def assign(request: PaneRequest, slug: str) -> HttpResponse:
    """The form; or the agent, with this flow."""
    try:
        found = recipe(request.team, slug)
    except LookupError:
        raise Http404 from None
    mine = agents_for(request.user, Verb.CONFIGURE).filter(team=request.team, vendor=Vendor.OURS)
    able = mine.filter(assignment__isnull=False).select_related("assignment__flow_version__flow").order_by("name")
    sent = request.POST if request.method == "POST" else None
    form = AssignForm(sent, agents=able, flow=found)
    if sent is not None and accepted(form, lambda: _give(request, found, form)):
        said = _("%(agent)s runs it from now on; what has begun goes on as it was.")
        messages.success(request, said % form.cleaned_data)
        return redirect("agent", form.cleaned_data["agent"].slug)
    context = {"flow": found, "form": form, "agents": able}
    return render(request, "pages/flows/assign.html", context, status=200 if sent is None else 422)


def _give(request: PaneRequest, found: Recipe, form: AssignForm) -> Assignment:
    told = form.cleaned_data
    because, otherwise = told.get("because", ""), told["otherwise"]
    return assign_flow(told["agent"], found, actor=request.user, because=because, otherwise=otherwise)
