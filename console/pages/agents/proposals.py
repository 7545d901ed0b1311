"""What resolved cases would teach agents, until a person has read it."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs import actions
from agents.runs.enums import ProposalState
from agents.runs.models import KnowledgeProposal
from console.forms import accepted
from console.pages.agents.forms import ReasonForm
from console.request import PaneRequest

SHOWN = 50


class ProposalForm(forms.ModelForm):  # type: ignore[type-arg]
    """As the agent is to know it."""

    class Meta:
        model = KnowledgeProposal
        fields = ("title", "text")
        widgets = {"text": forms.Textarea({"rows": 4})}


@require_safe
def proposals(request: PaneRequest) -> HttpResponse:
    """Those nobody has decided, the most frequent first; then what was decided last."""
    return _page(request)


@require_POST
def take(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(_seen(request), pk=pk)
    form = ProposalForm(request.POST, instance=found, auto_id=f"{pk}_%s")
    if accepted(form, lambda: actions.take_proposal(found, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("The agent finds it from its next run on."))
        return redirect("proposals")
    return _page(request, 422, {found.pk: form})


@require_POST
def refuse(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    actions.refuse_proposal(
        get_object_or_404(_seen(request), pk=pk), reason=request.POST.get("reason", ""), actor=request.user
    )
    messages.success(request, _("Refused: it is not proposed again."))
    return redirect("proposals")


def _seen(request: PaneRequest) -> QuerySet[KnowledgeProposal]:
    mine = agents_for(request.user, Verb.VIEW).filter(team=request.team)
    return KnowledgeProposal.objects.filter(agent__in=mine).select_related("agent", "decided_by")


def _page(request: PaneRequest, status: int = 200, forms: dict[Any, ProposalForm] | None = None) -> HttpResponse:
    seen, mine = _seen(request), set(agents_for(request.user, Verb.CONFIGURE).values_list("pk", flat=True))
    waiting = seen.filter(state=ProposalState.OPEN).order_by("-cases", "proposed_at", "pk")
    told = {
        "all": waiting.count(),
        "rows": [
            (
                each,
                (forms or {}).get(each.pk) or ProposalForm(instance=each, auto_id=f"{each.pk}_%s"),
                each.agent_id in mine,
            )
            for each in waiting[:SHOWN]
        ],
        "decided": seen.exclude(state=ProposalState.OPEN).order_by("-decided_at")[:SHOWN],
        "reason": ReasonForm(),
    }
    return render(request, "pages/agents/proposals.html", told, status=status)
