"""The escalation policy: who an unanswered item goes to, in plain fields, with every version there was."""

from collections.abc import Sequence
from contextlib import suppress

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agents.base.errors import NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import Team
from agents.people.queries import members
from agents.runs.actions import require_policy_maker, set_escalation_policy
from agents.runs.enums import HandTo, Severity
from agents.runs.ladders import MOST_LOOPS, MOST_MINUTES, MOST_STEPS, Ladder, Rung, ladder_of
from agents.runs.queries import ladder_for, ladder_of_team, policies
from console.forms import accepted
from console.request import PaneRequest, nowhere

SHOWN = 50


class RungForm(forms.Form):
    """One step of the ladder; an empty one is none."""

    after_minutes = forms.IntegerField(
        label=gettext_lazy("After minutes"), min_value=1, max_value=MOST_MINUTES, required=False
    )
    to = forms.ChoiceField(label=gettext_lazy("to"), choices=HandTo.choices)
    person = forms.ChoiceField(label=gettext_lazy("named person"), required=False)

    def __init__(self, *given: object, team: Team, **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]
        people = [(str(each.user.pk), str(each.user)) for each in members(team) if each.user.is_active]
        self.fields["person"].choices = [("", "–"), *people]  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.cleaned_data.get("to") == HandTo.PERSON and not self.cleaned_data.get("person"):
            self.add_error("person", _("Name somebody of the team."))

    @property
    def rung(self) -> Rung | None:
        said = self.cleaned_data
        if not said.get("after_minutes"):
            return None
        return Rung(said["after_minutes"], HandTo(said["to"]), said["person"] if said["to"] == HandTo.PERSON else "")


class LadderForm(forms.Form):
    """How often the ladder begins again."""

    loops = forms.IntegerField(label=gettext_lazy("Begin again, times"), min_value=0, max_value=MOST_LOOPS)


Rungs = forms.formset_factory(RungForm, extra=2, max_num=MOST_STEPS, absolute_max=MOST_STEPS + 1, validate_max=True)


@require_http_methods(["GET", "POST"])
def escalation(request: PaneRequest) -> HttpResponse:
    """The ladder of the team, or of an agent, for one severity."""
    slug, severity = request.GET.get("agent", ""), request.GET.get("severity", Severity.HIGH)
    agent = agents_for(request.user, Verb.VIEW).filter(team=request.team, slug=slug).first()
    if severity not in Severity.values or (slug and agent is None):
        return nowhere(request, "escalation")
    data = request.POST if request.method == "POST" else None
    if data is not None:
        require_policy_maker(request.user, request.team, agent)
    ladder = ladder_for(agent, severity) if agent else ladder_of_team(request.team, severity)
    form = LadderForm(data, initial={"loops": ladder.loops})
    steps = Rungs(data, prefix="step", initial=_initial(ladder.rungs), form_kwargs={"team": request.team})
    if data is not None and steps.is_valid() and accepted(form, lambda: _set(request, agent, severity, form, steps)):
        messages.success(request, _("Saved. It holds from the next hour that comes."))
        return redirect(request.get_full_path())
    told = {"form": form, "steps": steps, **_context(request, agent, severity, ladder)}
    return render(request, "pages/exceptions/escalation.html", told, status=422 if data is not None else 200)


def _initial(rungs: Sequence[Rung]) -> list[dict[str, object]]:
    return [{"after_minutes": rung.after_minutes, "to": rung.to, "person": rung.person} for rung in rungs]


def _set(request: PaneRequest, agent: Agent | None, severity: str, form: LadderForm, steps: forms.BaseFormSet) -> None:  # type: ignore[type-arg]
    rungs = [each.rung for each in steps if each.rung]
    loops = form.cleaned_data["loops"]
    set_escalation_policy(request.team, severity=severity, rungs=rungs, loops=loops, agent=agent, actor=request.user)


def _context(request: PaneRequest, agent: Agent | None, severity: str, ladder: Ladder) -> dict[str, object]:
    found = policies(request.team)
    may = False
    with suppress(NotAllowed):
        require_policy_maker(request.user, request.team, agent)
        may = True
    where = {"agent": agent.slug} if agent else {}
    tabs = [(each, reverse("escalation", query={**where, "severity": each.value})) for each in reversed(Severity)]
    return {
        "agent": agent,
        "severity": Severity(severity),
        "ladder": ladder,
        "tabs": tabs,
        "may": may,
        "history": [
            (each, ladder_of(each.steps, each.loops, each.number))
            for each in found.filter(agent=agent, severity=severity)[:SHOWN]
        ],
        "agents": agents_for(request.user, Verb.VIEW).filter(team=request.team).order_by("name"),
        "people": {str(each.user.pk): str(each.user) for each in members(request.team)},
    }
