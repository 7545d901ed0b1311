"""What is promised of a flow: who answers for it, how quick and how often done, and what is done when it fails."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.flows.composing import recipe
from agents.flows.models import FlowTerms
from agents.flows.recipe import Recipe
from agents.flows.terms import FIELDS, Terms, kept_flow, set_flow_terms, terms_of
from agents.people.models import Team, User
from console.forms import accepted
from console.pages.agents.forms import PersonField
from console.request import PaneRequest


class TermsForm(forms.Form):
    """Everything may stay empty; until it is not, no agent goes live with the flow."""

    owner = PersonField(label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False)
    second_owner = PersonField(label=gettext_lazy("Second owner"), queryset=User.objects.none(), required=False)
    seconds = forms.IntegerField(
        label=gettext_lazy("Ends within, in seconds"),
        min_value=1,
        required=False,
        help_text=gettext_lazy("Waiting for people aside."),
    )
    resolved_percent = forms.IntegerField(
        label=gettext_lazy("At least this share ends done, in %"), min_value=0, max_value=100, required=False
    )
    diverted_percent = forms.IntegerField(
        label=gettext_lazy("At most this share asks a person, in %"), min_value=0, max_value=100, required=False
    )
    unattended_because = forms.CharField(
        label=gettext_lazy("Why nobody needs to look"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Only for a flow none of whose steps stays human."),
    )
    runbook = forms.CharField(
        label=gettext_lazy("Runbook"),
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("What to do when it goes wrong; linked from every exception of its runs."),
    )

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("owner", "second_owner"):
            self.fields[name].of(team)  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def flow_terms(request: PaneRequest, slug: str) -> HttpResponse:
    """The form; or all of it, kept."""
    try:
        found = recipe(request.team, slug)
    except LookupError:
        raise Http404 from None
    if request.method == "GET":
        return _page(request, found, TermsForm(team=request.team, initial=_initial(terms_of(request.team, slug))))
    form = TermsForm(request.POST, team=request.team)
    if accepted(form, lambda: _set(request, found, form)):
        messages.success(request, _("Kept."))
        return redirect("flow", slug)
    return _page(request, found, form, status=422)


def _initial(terms: FlowTerms | None) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in FIELDS} if terms else {}


def _set(request: PaneRequest, found: Recipe, form: TermsForm) -> FlowTerms:
    kept = kept_flow(request.team, found.graph, found.name)
    return set_flow_terms(kept, Terms(**form.cleaned_data), actor=request.user)


def _page(request: PaneRequest, found: Recipe, form: TermsForm, status: int = 200) -> HttpResponse:
    return render(request, "pages/flows/terms.html", {"flow": found, "form": form}, status=status)
