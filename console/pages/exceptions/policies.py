"""The escalation policy: who an unanswered item goes to, in plain fields, with every version there was."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
from agents.fleet.models import Agent, Flow
from agents.fleet.permissions import agents_for
from agents.people.models import Team
from agents.people.queries import members
from agents.runs.actions import require_policy_maker, set_escalation_policy
from agents.runs.enums import HandTo, Severity
from agents.runs.ladders import MOST_LOOPS, MOST_MINUTES, MOST_STEPS, Ladder, Rung, ladder_of
from agents.runs.queries import ladder_for, ladder_of_team, policies
from console.forms import MoneyField, accepted
from console.request import PaneRequest, nowhere

SHOWN = 50


class RungForm(forms.Form):
    """One step of the ladder; an empty one is none."""

    after_minutes = forms.IntegerField(
        label=gettext_lazy("After minutes"), min_value=1, max_value=MOST_MINUTES, required=False
    )
    to = forms.ChoiceField(label=gettext_lazy("to"), choices=HandTo.choices)
    person = forms.ChoiceField(label=gettext_lazy("named person"), required=False)
    in_hours = forms.BooleanField(label=gettext_lazy("in their working hours only"), required=False)
    least_steps = forms.IntegerField(
        label=gettext_lazy("if the run took steps, at least"), min_value=1, max_value=1000, required=False
    )
    least_micros = MoneyField(label=gettext_lazy("if it is about an amount of at least"), required=False)

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
        named = said["person"] if said["to"] == HandTo.PERSON else ""
        conditions = {name: said[name] or 0 for name in ("least_steps", "least_micros")}
        return Rung(said["after_minutes"], HandTo(said["to"]), named, said["in_hours"], **conditions)


class LadderForm(forms.Form):
    """How often the ladder begins again."""

    loops = forms.IntegerField(label=gettext_lazy("Begin again, times"), min_value=0, max_value=MOST_LOOPS)


Rungs = forms.formset_factory(RungForm, extra=2, max_num=MOST_STEPS, absolute_max=MOST_STEPS + 1, validate_max=True)


@require_http_methods(["GET", "POST"])
def escalation(request: PaneRequest) -> HttpResponse:
    """The ladder of the team, of one of its flows or of an agent, for one severity."""
    if (of := _of(request)) is None:
        return nowhere(request, "escalation")
    data = request.POST if request.method == "POST" else None
    if data is not None:
        require_policy_maker(request.user, request.team, of.agent)
    ladder = of.ladder
    form = LadderForm(data, initial={"loops": ladder.loops})
    steps = Rungs(data, prefix="step", initial=[_typed(rung) for rung in ladder.rungs], form_kwargs={"team": of.team})
    if data is not None and steps.is_valid() and accepted(form, lambda: _set(request, of, form, steps)):
        messages.success(request, _("Saved. What waits already keeps its next time; from then on this ladder holds."))
        return redirect(request.get_full_path())
    told = {"form": form, "steps": steps, **_context(request, of)}
    return render(request, "pages/exceptions/escalation.html", told, status=422 if data is not None else 200)


def _typed(rung: Rung) -> dict[str, Any]:
    """As the form shows it: a condition that is none is empty, and no 0 that the browser would refuse to send."""
    return vars(rung) | {name: vars(rung)[name] or None for name in ("least_steps", "least_micros")}


@dataclass(frozen=True)
class Of:
    """Whose ladder it is: the team's where neither an agent nor a flow is chosen."""

    team: Team
    severity: Severity
    agent: Agent | None
    flow: Flow | None

    @property
    def slug(self) -> str:
        return self.flow.slug if self.flow else ""

    @cached_property
    def ladder(self) -> Ladder:
        if self.agent:
            return ladder_for(self.agent, self.severity)
        return ladder_of_team(self.team, self.severity, self.slug)


def _of(request: PaneRequest) -> Of | None:
    """What is asked for; None where there is no such thing."""
    asked = {name: request.GET.get(name, "") for name in ("agent", "flow")}
    severity = request.GET.get("severity", Severity.HIGH)
    agent = agents_for(request.user, Verb.VIEW).filter(team=request.team, slug=asked["agent"]).first()
    flow = Flow.objects.filter(team=request.team, slug=asked["flow"]).first()
    if severity not in Severity.values or (asked["agent"] and not agent) or (asked["flow"] and not flow):
        return None
    return Of(request.team, Severity(severity), agent, None if agent else flow)


def _set(request: PaneRequest, of: Of, form: LadderForm, steps: forms.BaseFormSet) -> None:  # type: ignore[type-arg]
    rungs = [each.rung for each in steps if each.rung]
    told = {"severity": of.severity, "loops": form.cleaned_data["loops"], "agent": of.agent, "flow": of.slug}
    set_escalation_policy(of.team, rungs=rungs, actor=request.user, **told)


def _context(request: PaneRequest, of: Of) -> dict[str, object]:
    found = policies(of.team).filter(agent=of.agent, flow=of.slug, severity=of.severity)
    may = False
    with suppress(NotAllowed):
        require_policy_maker(request.user, of.team, of.agent)
        may = True
    where = {"agent": of.agent.slug} if of.agent else {"flow": of.slug} if of.flow else {}
    tabs = [(each, reverse("escalation", query={**where, "severity": each.value})) for each in reversed(Severity)]
    return {
        "of": of,
        "currency": of.agent.currency if of.agent else of.team.currency,
        "ladder": of.ladder,
        "tabs": tabs,
        "may": may,
        "history": [(each, ladder_of(each.steps, each.loops, each.number)) for each in found[:SHOWN]],
        "agents": agents_for(request.user, Verb.VIEW).filter(team=of.team).order_by("name"),
        "flows": Flow.objects.filter(team=of.team).order_by("name"),
        "people": {str(each.user.pk): str(each.user) for each in members(of.team)},
    }
