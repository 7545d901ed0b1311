"""The quiet agents in one act."""

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs.actions import batch_approve
from agents.runs.models import DailyReview
from console.request import PaneRequest


class QuietForm(forms.Form):
    """The days that were ticked, and when their samples were drawn."""

    review = forms.ModelMultipleChoiceField(
        DailyReview.objects.none(), error_messages={"required": gettext_lazy("Tick at least one agent.")}
    )
    until = forms.DateTimeField()

    def __init__(self, data: object, days: QuerySet[DailyReview]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["review"].queryset = days  # type: ignore[attr-defined]


@require_POST
def approve(request: PaneRequest) -> HttpResponse:
    """Approves the days that were ticked, as they were drawn; says which were left for a closer look."""
    mine = agents_for(request.user, Verb.VIEW).filter(team=request.team)
    form = QuietForm(request.POST, DailyReview.objects.filter(agent__in=mine).select_related("agent"))
    if not form.is_valid():
        said = form.errors.get("review") or [_("This page is damaged. Load it again.")]
        messages.error(request, " ".join(map(str, said)))
        return redirect("queue")
    batch = batch_approve(form.cleaned_data["review"], actor=request.user, until=form.cleaned_data["until"])
    done = len(batch.approved)
    messages.success(request, ngettext("%(n)d quiet day approved.", "%(n)d quiet days approved.", done) % {"n": done})
    if batch.left:
        names = ", ".join(review.agent.name for review in batch.left)
        messages.warning(request, _("Left for a closer look: %(agents)s.") % {"agents": names})
    return redirect("queue")
