"""The editor: a flow composed of the library's parts, a row a state, beginning with the one that ships (R-132)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.base.phrases import spoken
from agents.engine import InvalidGraph
from agents.fleet.actions import writes_policies
from agents.flows.composed import FEWEST, LIBRARY, MOST, PARTS, READY, Stage, as_json, composed, stages_of
from agents.flows.composing import MOST_STAGES, compose_flow, recipe
from agents.runs.registry import OWN
from console.forms import MoneyField, attempt
from console.pages.runs.graph import drawing
from console.request import PaneRequest

DRAW = "draw"
"""The button that draws what is typed and keeps nothing."""


class StageForm(forms.Form):
    """One state; a row without a part is none."""

    part = forms.ChoiceField(label=gettext_lazy("Part"), required=False)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=40, required=False)
    least = forms.FloatField(
        label=gettext_lazy("A person below"),
        min_value=0,
        max_value=1,
        required=False,
        help_text=gettext_lazy("Confidence or score, 0 to 1."),
    )
    latency_ms = forms.IntegerField(label=gettext_lazy("Within, in ms"), min_value=0, required=False)
    cost_micros = MoneyField(label=gettext_lazy("At most, in USD"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        parts = {slug: spoken(said) for slug, said in PARTS.items()} | {slug: slug for slug in LIBRARY}
        self.fields["part"] = forms.ChoiceField(
            label=_("Part"), choices=[("", _("(no state)")), *parts.items()], required=False
        )

    def stage(self) -> Stage:
        """As the flow keeps it; a name is the part's unless given, and a cost that was left out is none."""
        told = self.cleaned_data
        cost = told["cost_micros"] if self["cost_micros"].value() else None
        return Stage(told["part"], told["name"] or told["part"], told["latency_ms"] or 0, cost, told["least"])


class NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)


Stages = forms.formset_factory(StageForm, extra=0, min_num=MOST_STAGES, max_num=MOST_STAGES, absolute_max=MOST_STAGES)


@require_http_methods(["GET", "POST"])
def compose(request: PaneRequest, slug: str = "") -> HttpResponse:
    """The editor of a new flow, or of the team's own, and its graph as far as it is typed; kept, a version."""
    name, before = _before(request, slug)
    given = request.POST if request.method == "POST" else None
    named = NameForm(given, initial={"name": name})
    rows = Stages(given, initial=[as_json(one) for one in before])
    stages = before if given is None else [row.stage() for row in rows if row.is_valid() and row.cleaned_data["part"]]
    keeps = given is not None and DRAW not in given
    if keeps and named.is_valid() and rows.is_valid():
        told = named.cleaned_data["name"]
        found = attempt(named, lambda: compose_flow(request.team, told, stages, actor=request.user, slug=slug))
        if found:
            _guide(request, len(stages) + 1)
            return redirect("flow", found.slug)
    context = {"named": named, "rows": rows, "slug": slug, "fewest": FEWEST, "most": MOST, **_drawn(slug, stages)}
    context["may_rule"] = writes_policies(request.user, request.team)
    template = "pages/flows/compose.html" + ("#drawn" if request.headers.get("HX-Request") else "")
    response = render(request, template, context, status=422 if keeps else 200)
    response["Vary"] = "HX-Request"
    return response


def _drawn(slug: str, stages: list[Stage]) -> dict[str, Any]:
    """The graph of these stages as the run's page draws it, or what it lacks."""
    try:
        graph = composed(slug or OWN, stages)
    except InvalidGraph as refused:
        return {"problems": refused.problems}
    return {"drawing": drawing(graph.describe(), [], over=False)}


def _before(request: PaneRequest, slug: str) -> tuple[str, list[Stage]]:
    if not slug:
        return "", list(READY)
    try:
        found = recipe(request.team, slug)
    except LookupError:
        raise Http404 from None
    if not slug.startswith(OWN):
        raise Http404
    return found.name, stages_of(found.settings)


def _guide(request: PaneRequest, states: int) -> None:
    """Four to six states are what a first flow can be watched with."""
    if FEWEST <= states <= MOST:
        messages.success(request, _("Kept. Try it, then say what is promised of it."))
        return
    said = _(
        "Kept, with %(n)s states, a person among them: a first flow is better watched with %(fewest)s to %(most)s."
    )
    messages.warning(request, said % {"n": states, "fewest": FEWEST, "most": MOST})
