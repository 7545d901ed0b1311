"""What is done about each kind of exception that becomes an incident."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.base.phrases import spoken
from agents.fleet.actions.policies import POLICIES_BY
from agents.people.permissions import holds
from agents.runs.actions import require_policy_maker, set_runbook
from agents.runs.enums import ExceptionKind
from agents.runs.models import Runbook
from agents.runs.queries.incidents import runbook_for
from console.forms import accepted
from console.pages.exceptions.incident_forms import RunbookForm
from console.request import PaneRequest, nowhere


@require_http_methods(["GET", "POST"])
def runbooks(request: PaneRequest) -> HttpResponse:
    """The runbook of one kind, with its versions."""
    kind = request.GET.get("kind", ExceptionKind.FAILURE)
    if kind not in ExceptionKind.values:
        return nowhere(request, "runbooks")
    data = request.POST if request.method == "POST" else None
    if data is not None:
        require_policy_maker(request.user, request.team)
    book = runbook_for(request.team, kind)
    form = RunbookForm(data, initial={"text": "\n".join(map(spoken, book.steps))})
    if data is not None and accepted(form, lambda: _set(request, kind, form)):
        messages.success(request, _("Saved. It holds from the next incident on."))
        return redirect(request.get_full_path())
    told = {
        "form": form,
        "book": book,
        "kind": ExceptionKind(kind),
        "kinds": ExceptionKind,
        "may": holds(request.user, request.team.pk, POLICIES_BY),
        "versions": Runbook.objects.filter(team=request.team, kind=kind)
        .select_related("created_by")
        .order_by("-number"),
    }
    return render(request, "pages/exceptions/runbooks.html", told, status=422 if data is not None else 200)


def _set(request: PaneRequest, kind: str, form: RunbookForm) -> Runbook:
    return set_runbook(request.team, kind=kind, text=form.cleaned_data["text"], actor=request.user)
