"""What people type about campaigns: facts, recipients, receipts by hand, reasons."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.clock import local_instant
from agents.base.errors import Invalid
from agents.base.ids import uuid7
from agents.fleet.models import Agent
from campaigns.actions.drafts import year_problem
from campaigns.checks import Problem
from campaigns.enums import AppliesTo, Shape, Topic
from campaigns.extraction import MANY, Extracted
from campaigns.models import ContextVersion
from console.forms import LinesField, MoneyField, ZoneField

WALL = "%Y-%m-%dT%H:%M"


class OptionalMoneyField(MoneyField):
    """An amount, or nothing: no price is not a price of zero."""

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        return super().clean(value) if value else None


class WallClockField(forms.DateTimeField):
    """A date and a time as a clock on the wall shows them; the form says in which zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WALL)

    def to_python(self, value: Any) -> dt.datetime | None:
        with timezone.override(dt.UTC):
            read = super().to_python(value)
        if read and (problem := year_problem(read)):
            raise ValidationError(problem)
        return read.replace(tzinfo=None) if read else None


class FactsForm(forms.Form):
    """The typed facts of a version. `revision`: the one that was on the page; `seen`: the one that somebody else saved
    meanwhile and that was shown beside, which only the button may write over.
    """

    offer = forms.CharField(label=_("Offer"), max_length=200, required=False)
    price_micros = OptionalMoneyField(label=_("Price"), required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    valid_from = WallClockField(label=_("Valid from"), required=False)
    valid_to = WallClockField(label=_("Valid until"), required=False)
    zone = ZoneField(label=_("Time zone"), max_length=64)
    audience = forms.CharField(label=_("Audience"), max_length=300, required=False)
    say = LinesField(label=_("Say"), help_text=_("One sentence a line."))
    never_say = LinesField(label=_("Never say"), help_text=_("One term a line."))
    claims = LinesField(label=_("Approved claims"), help_text=_("One a line, its source after a bar ( | )."))
    links = LinesField(label=_("Links"))
    brief = forms.CharField(label=_("Brief"), max_length=10_000, required=False, widget=forms.Textarea({"rows": 3}))
    languages = forms.MultipleChoiceField(
        label=_("Written in"), choices=settings.LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )
    applies_to = forms.ChoiceField(label=_("Applies to"), choices=AppliesTo.choices, widget=forms.RadioSelect)
    revision = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, version: ContextVersion, data: Any = None) -> "FactsForm":
        """The form as the version stands."""
        initial = {name: getattr(version, name) for name in cls.base_fields if name != "seen"}
        for name in ("valid_from", "valid_to"):
            initial[name] = initial[name] and initial[name].astimezone(version.tzinfo).replace(tzinfo=None)
        return cls(data, initial=initial)

    def facts(self) -> dict[str, Any]:
        """What was typed, with instants for the times on the wall."""
        given = dict(self.cleaned_data)
        for name in ("revision", "seen"):
            given.pop(name, None)
        for name in ("valid_from", "valid_to"):
            at = given[name]
            given[name] = local_instant(at.date(), at.time(), ZoneInfo(given["zone"])) if at else None
        return given


class NewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)


@dataclass(frozen=True)
class Choice:
    """An agent on the form of a broadcast."""

    agent: Agent
    told: bool
    first: bool
    why: str


class RecipientsForm(forms.Form):
    """Who is told, who is not and why, and which warnings were signed for; as it was validated, until somebody chooses
    otherwise. `key` makes a second click the same one.

    A reason of its own (`why-<agent>`) outweighs the one for everybody who is left out.
    """

    agents = forms.MultipleChoiceField(
        label=_("Agents"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the agents first."), "invalid_choice": _("Choose from the list.")},
    )
    signed = forms.MultipleChoiceField(label=_("Signed for"), required=False, widget=forms.CheckboxSelectMultiple)
    canaries = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    auto_release = forms.BooleanField(
        label=_("Tell the others by itself when all of these have repeated it"), required=False
    )
    why = forms.CharField(
        label=_("Why the others are left out"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"class": "form-control"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def __init__(self, data: Any, version: ContextVersion, agents: list[Agent], warnings: list[Problem]) -> None:
        kept = version.recipients if version.in_preparation else {}
        self.reasons: dict[str, str] = kept.get("excluded", {})
        initial = {
            "agents": [str(agent.pk) for agent in agents if agent.slug not in self.reasons],
            "canaries": [str(agent.pk) for agent in agents if agent.slug in kept.get("canaries", ())],
            "auto_release": kept.get("auto_release", False),
            "signed": [each["key"] for each in version.signed],
        }
        super().__init__(data, initial=initial)
        for name in ("agents", "canaries"):
            self.fields[name].choices = [(str(agent.pk), agent.name) for agent in agents]  # type: ignore[attr-defined]
        self.fields["signed"].choices = [(each.key, each.text) for each in warnings]  # type: ignore[attr-defined]
        self.everybody = agents

    def choices(self, agents: list[Agent]) -> list[Choice]:
        """These agents as they are to be ticked."""
        told, first = set(self["agents"].value() or []), set(self["canaries"].value() or [])
        return [Choice(agent, str(agent.pk) in told, str(agent.pk) in first, self._why(agent)) for agent in agents]

    def _why(self, agent: Agent) -> str:
        typed = self.data.get(f"why-{agent.pk}") if self.is_bound else None
        return str(typed if typed is not None else self.reasons.get(agent.slug, "")).strip()

    def excluded(self) -> dict[Agent, str]:
        """Everybody who is not told, with the reason given."""
        told, shared = self.cleaned_data["agents"], self.cleaned_data["why"]
        left_out = [agent for agent in self.everybody if str(agent.pk) not in told]
        return {agent: self._why(agent) or shared for agent in left_out}


class PastedForm(forms.Form):
    """Text to read facts from, and, once they were shown, which of them are right."""

    text = forms.CharField(label=_("The text"), max_length=10_000, widget=forms.Textarea({"rows": 12}))
    take = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def offer(self, found: list[Extracted]) -> None:
        """What may be taken; a fact of which there is one only is taken unless somebody says no."""
        self.found = found
        self.fields["take"].choices = [(number, each.quote) for number, each in enumerate(found)]  # type: ignore[attr-defined]
        self.fields["take"].initial = [number for number, each in enumerate(found) if not self._rivals(each)]

    def taken(self) -> list[Extracted]:
        """What was confirmed. Raises `Invalid` for two values of one fact."""
        chosen = [self.found[number] for number in self.cleaned_data["take"]]
        for each in chosen:
            if [other for other in chosen if self._rival(each, other)]:
                problem = _("Choose one of each kind: there are two of “%(field)s”.") % {"field": label(each.field)}
                raise Invalid(problem, fields={"take": [problem]})
        return chosen

    def _rivals(self, one: Extracted) -> bool:
        return any(self._rival(one, other) for other in self.found)

    @staticmethod
    def _rival(one: Extracted, other: Extracted) -> bool:
        return one.field == other.field not in MANY and one.value != other.value


def label(field: str) -> str:
    """What people call a fact."""
    return str(FactsForm.base_fields[field].label)


class ReceiptForm(forms.Form):
    """A receipt by hand: what was seen at the vendor's, and the minutes it cost."""

    evidence = forms.CharField(label=_("Where you pasted it, or what you saw there"), max_length=2000)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=0, max_value=480, initial=1)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300)


class RulesForm(forms.Form):
    """What every campaign of the team keeps to."""

    link_hosts = LinesField(
        label=_("Hosts that may be linked"), help_text=_("One a line, with everything below it. None: any host.")
    )
    banned_terms = LinesField(label=_("Terms that no campaign may say"), help_text=_("One a line."))


class AllowanceForm(forms.Form):
    """How much of a campaign an agent takes."""

    budget = forms.IntegerField(label=_("Characters at most"), min_value=100, max_value=20_000)
    topics = forms.MultipleChoiceField(
        label=_("Only these topics"),
        choices=Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )
    shape = forms.ChoiceField(
        label=_("Shape"), choices=[("", _("as its vendor's system takes it")), *Shape.choices], required=False
    )
    tone = forms.CharField(label=_("Tone"), max_length=120, required=False, help_text=_("A few words: warm, short."))
