"""An agent's tools: who gave it what, within which limits, and the freeze of everything it could change."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agents.base.phrases import spoken
from agents.fleet import actions
from agents.fleet.enums import DataClass
from agents.fleet.models import Agent, ToolGrant, WriteFreeze
from agents.fleet.permissions import verbs_on
from agents.fleet.toolbox import tools
from agents.runs.queries.tools import held_tools
from console.forms import MoneyField, accepted
from console.pages.agents.fetch import visible
from console.pages.agents.forms import ReasonForm
from console.request import PaneRequest

PAGE = "pages/agents/tools.html"


class WordsField(forms.CharField):
    """Names with commas between them, kept as a tuple."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return tuple(filter(None, (name.strip() for name in str(super().clean(value)).split(","))))


class GrantForm(forms.Form):
    """The terms of one grant; an empty limit is no limit, an empty list all fields."""

    tool = forms.ChoiceField(label=gettext_lazy("Tool"))
    sets = WordsField(label=gettext_lazy("Fields it may set"), required=False, help_text=gettext_lazy("Empty: all."))
    sees = WordsField(label=gettext_lazy("Fields it may see"), required=False, help_text=gettext_lazy("Empty: all."))
    classes = forms.MultipleChoiceField(
        label=gettext_lazy("Data classes it may see"),
        required=False,
        choices=DataClass.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all."),
    )
    max_call_micros = MoneyField(label=gettext_lazy("Most for one call"), required=False)
    max_day_micros = MoneyField(label=gettext_lazy("Most for one day"), required=False)
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3)
    confirm = forms.BooleanField(label=gettext_lazy("a person confirms each use"), required=False)
    dry_run = forms.BooleanField(label=gettext_lazy("only tries, changes nothing"), required=False)

    def __init__(self, *given: Any, agent: Agent, grant: ToolGrant | None = None, tool: str = "", **more: Any) -> None:
        start: dict[str, Any] = {"tool": tool, "currency": agent.currency, "confirm": True}
        if grant is not None:
            start |= {name: getattr(grant, name) for name in self.base_fields}
        super().__init__(*given, **{"initial": start, **more})
        self.fields["tool"].choices = [(one.slug, spoken(one.title)) for one in tools()]  # type: ignore[attr-defined]

    def terms(self) -> actions.Terms:
        """What the action is given."""
        limits = ("max_call_micros", "max_day_micros")
        given = {name: value for name, value in self.cleaned_data.items() if name != "tool"}
        given["classes"] = tuple(given["classes"])
        return actions.Terms(**given | {name: given[name] if self.data.get(name) else None for name in limits})


@require_safe
def agent_tools(request: PaneRequest, slug: str) -> HttpResponse:
    """Every tool with its terms; `?tool=` opens the form with those of one."""
    return _page(request, visible(request, slug), tool=request.GET.get("tool", ""))


@require_POST
def grant(request: PaneRequest, slug: str) -> HttpResponse:
    agent = visible(request, slug)
    form = GrantForm(request.POST, agent=agent)

    def give() -> ToolGrant:
        tool = form.cleaned_data["tool"]
        return actions.grant_tool(agent, tool=tool, terms=form.terms(), actor=request.user)

    if accepted(form, give):
        messages.success(request, _("Saved."))
        return redirect("agent-tools", slug)
    return _page(request, agent, 422, grant_form=form)


@require_POST
def revoke(request: PaneRequest, slug: str) -> HttpResponse:
    actions.revoke_tool(visible(request, slug), tool=request.POST.get("tool", ""), actor=request.user)
    messages.success(request, _("The agent no longer has it."))
    return redirect("agent-tools", slug)


@require_POST
def freeze(request: PaneRequest, slug: str) -> HttpResponse:
    agent, form = visible(request, slug), ReasonForm(request.POST)
    if accepted(form, lambda: actions.freeze_agent(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Frozen: it changes nothing from now on."))
        return redirect("agent-tools", slug)
    return _page(request, agent, 422, freeze_form=form)


@require_POST
def thaw(request: PaneRequest, slug: str) -> HttpResponse:
    actions.thaw_agent(visible(request, slug), actor=request.user)
    messages.success(request, _("It may change things again."))
    return redirect("agent-tools", slug)


def _page(request: PaneRequest, agent: Agent, status: int = 200, tool: str = "", **given: Any) -> HttpResponse:
    held, here = held_tools(agent), Q(agent=agent) | Q(agent=None)
    chosen = next((each.grant for each in held if each.tool.slug == tool), None)
    told = {
        "agent": agent,
        "may": {verb.value: True for verb in verbs_on(request.user, agent)},
        "held": held,
        "chosen": tool,
        "freezes": WriteFreeze.objects.filter(here, team=agent.team_id).select_related("frozen_by"),
        "grant_form": GrantForm(agent=agent, grant=chosen, tool=tool),
        "freeze_form": ReasonForm(),
    }
    return render(request, PAGE, told | given, status=status)
