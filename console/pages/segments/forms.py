"""Rules in plain fields: no code, no JSON. An empty row is no rule."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.channels.actions.segmenting import MOST_HOURS
from agents.channels.enums import Fact, Is
from agents.channels.models import Segmentation
from agents.channels.segments import MOST_CONDITIONS, MOST_RULES, Condition, Rule
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.people.models import Team

SLOTS = range(1, MOST_CONDITIONS + 1)
EMPTY_ROWS = 2


class RuleForm(forms.Form):
    """One rule; its conditions in slots beside each other."""

    agent = forms.ChoiceField(label=_("Agent"))
    why = forms.CharField(label=_("Why"), max_length=300)
    per_day = forms.IntegerField(
        label=_("Contacts in 24 hours, at most"), min_value=1, max_value=10_000, required=False
    )
    rest_days = forms.IntegerField(label=_("Nobody again within days"), min_value=1, max_value=10_000, required=False)

    def __init__(self, *args: Any, agents: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"] = forms.ChoiceField(label=_("Agent"), choices=[("", "–"), *agents])
        for slot in SLOTS:
            self.fields[f"fact_{slot}"] = forms.ChoiceField(
                label=_("Whose"), choices=[("", _("(everybody)")), *Fact.choices], required=False
            )
            # Browsers send the first choice of a row that nobody touched: with it, the row is still empty.
            self.fields[f"is_{slot}"] = forms.ChoiceField(
                label=_("compared"), choices=Is.choices, initial=Is.values[0], required=False
            )
            self.fields[f"value_{slot}"] = forms.CharField(label=_("with"), max_length=300, required=False)

    @property
    def conditions(self) -> list[list[forms.BoundField]]:
        """The fields of each slot."""
        return [[self[f"{part}_{slot}"] for part in ("fact", "is", "value")] for slot in SLOTS]

    @property
    def rule(self) -> Rule:
        """What was typed."""
        told = self.cleaned_data
        said = [(told.get(f"fact_{slot}"), told.get(f"is_{slot}"), told.get(f"value_{slot}", "")) for slot in SLOTS]
        conditions = tuple(Condition(Fact(fact), Is(how or Is.EQUAL), value) for fact, how, value in said if fact)
        return Rule(told["agent"], told["why"], conditions, told["per_day"], told["rest_days"])


RulesFormSet = forms.formset_factory(
    RuleForm,
    extra=EMPTY_ROWS,
    can_order=True,
    can_delete=True,
    max_num=MOST_RULES,
    absolute_max=MOST_RULES + 1,
    validate_max=True,
)


class VersionForm(forms.Form):
    """What holds for all rules. `seen`: the number of the version that was on the page; `tried`: what was tried."""

    window_hours = forms.IntegerField(
        label=_("Report two agents at one contact within hours"), min_value=1, max_value=MOST_HOURS, initial=48
    )
    why = forms.CharField(label=_("Why this changes"), max_length=300)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    tried = forms.CharField(widget=forms.HiddenInput, required=False)


class ContactForm(forms.Form):
    """Somebody imagined: the facts, never a name or an address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for fact in Fact:
            self.fields[fact] = forms.CharField(label=fact.label.capitalize(), max_length=100, required=False)

    @property
    def facts(self) -> dict[str, str]:
        return {name: text for name, text in self.cleaned_data.items() if text}


def rules_of(rows: "forms.BaseFormSet[RuleForm]") -> list[Rule]:
    """Those that were filled in and are to stay, in their order."""
    return [form.rule for form in rows.ordered_forms if form.cleaned_data.get("agent")]


def rows_of(version: Segmentation | None) -> list[dict[str, Any]]:
    """The rules of a version as the form shows them."""
    return [_row(rule) for rule in version.rules] if version else []


def agents_of(team: Team) -> list[tuple[str, str]]:
    """Whom a rule may name."""
    rows: Iterable[Agent] = Agent.objects.filter(team=team).exclude(lifecycle=Lifecycle.RETIRED).order_by("name")
    return [(agent.slug, agent.name) for agent in rows]


def _row(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {"agent": rule.agent, "why": rule.why, "per_day": rule.per_day, "rest_days": rule.rest_days}
    for slot, each in enumerate(rule.conditions, 1):
        told |= {f"fact_{slot}": each.fact, f"is_{slot}": each.how, f"value_{slot}": each.value}
    return told
