"""Who answers for which agent, who really does, and who carries how much."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.actions import set_owners
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for, appointable
from agents.fleet.queries import coverage
from console.forms import accepted
from console.pages.owners.forms import AssignForm
from console.pages.owners.grid import figures, loads, people_of, rows, wanted
from console.request import PaneRequest


@require_safe
def owners(request: PaneRequest) -> HttpResponse:
    return _page(request, AssignForm(team=request.team, user=request.user))


def _page(request: PaneRequest, form: AssignForm, status: int = 200) -> HttpResponse:
    covers = coverage(request.team, agents=agents_for(request.user, Verb.VIEW))
    gap = request.GET.get("gap", "")
    shown = [cover for cover in covers if wanted(cover, gap)]
    people = people_of(covers)
    context = {
        "rows": rows(shown, people),
        "people": people,
        "loads": loads(covers, people),
        "figures": figures(covers, gap),
        "gap": gap,
        "form": form,
        "chosen": request.POST.getlist("agents"),
        "appointable": set(appointable(request.user).filter(team=request.team).values_list("pk", flat=True)),
    }
    return render(request, "pages/owners/owners.html", context, status=status)


@require_POST
def assign(request: PaneRequest) -> HttpResponse:
    """The ticked agents have exactly these owners afterwards: all of them, or none and the reason."""
    form = AssignForm(request.POST, team=request.team, user=request.user)
    if not accepted(form, lambda: set_owners(form.cleaned_data["agents"], form.seats(), actor=request.user)):
        return _page(request, form, 422)
    n = len(form.cleaned_data["agents"])
    messages.success(request, ngettext("%(n)d agent reassigned.", "%(n)d agents reassigned.", n) % {"n": n})
    return redirect("owners")
