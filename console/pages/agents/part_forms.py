"""Forms of what belongs to an agent: its flow and limits, its targets, when it runs by itself, what it may look up."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import Tier
from agents.fleet.models import Agent, Assignment, Model
from agents.flows.actions import DAY_CAP, RUN_CAP
from agents.runs.inputs import schema_of
from console.forms import MoneyField, ZoneField


class FlowForm(forms.Form):
    """What an agent of ours runs triage with. The stand-in brings its own models, so nothing is asked about them."""

    standard = forms.CharField(
        label=_("Language model"), max_length=120, required=False, help_text=_("As its provider spells it.")
    )
    cheap = forms.CharField(
        label=_("Model for simple steps"), max_length=120, required=False, help_text=_("Empty: the same.")
    )
    premium = forms.CharField(
        label=_("Model for hard steps"), max_length=120, required=False, help_text=_("Empty: the same.")
    )
    run_cap_micros = MoneyField(label=_("At most a run, in USD"), initial=RUN_CAP)
    day_cap_micros = MoneyField(label=_("At most a day, in USD"), initial=DAY_CAP)
    cost_center = forms.CharField(
        label=_("Cost center"), max_length=60, required=False, help_text=_("Empty: what the agent is for.")
    )

    def __init__(self, *args: Any, agent: Agent, **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": equipment(agent)})
        if settings.MODEL_IS_REHEARSAL:
            for tier in Tier:
                del self.fields[tier.value]

    def wanted(self) -> dict[str, Any]:
        """For `equip`."""
        given = dict(self.cleaned_data)
        names = {tier: given.pop(tier.value, "") for tier in Tier}
        return {**given, "models": {tier: name for tier, name in names.items() if name}}


def equipment(agent: Agent) -> dict[str, Any]:
    """What the agent runs with now: its limits, and its team's models by tier."""
    found = Assignment.objects.filter(agent=agent).values("run_cap_micros", "day_cap_micros", "cost_center").first()
    models = Model.objects.filter(team=agent.team_id, is_active=True, is_rehearsal=False, endpoint=None)
    return {**dict(models.values_list("tier", "name")), **(found or {})}


class CapForm(forms.Form):
    cap = MoneyField(label=_("At most, in USD"))


class KpiForm(forms.Form):
    key = forms.SlugField(label=_("KPI"), max_length=40, help_text=_("One word, such as resolved-rate."))
    target = forms.DecimalField(label=_("Target"), max_digits=18, decimal_places=4)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    better = forms.ChoiceField(label=_("Good is"), choices=[("higher", _("higher")), ("lower", _("lower"))])


WEEKDAYS = [
    ("1", _("Mon")),
    ("2", _("Tue")),
    ("3", _("Wed")),
    ("4", _("Thu")),
    ("5", _("Fri")),
    ("6", _("Sat")),
    ("7", _("Sun")),
]


class ScheduleForm(forms.Form):
    local_time = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}))
    weekdays = forms.MultipleChoiceField(
        label=_("On"), choices=WEEKDAYS, initial=list("1234567"), widget=forms.CheckboxSelectMultiple
    )
    zone = ZoneField(label=_("Time zone"), max_length=64, required=False, help_text=_("Empty: the primary owner's."))

    text = forms.CharField(
        label=_("Ticket"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What every one of these runs is to work on."),
    )

    def __init__(self, *args: Any, agent: Agent, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].required = "text" in schema_of(agent).get("required", ())

    def clean_weekdays(self) -> str:
        return "".join(sorted(self.cleaned_data["weekdays"]))

    def wanted(self) -> dict[str, Any]:
        """For `add_schedule`."""
        given = dict(self.cleaned_data)
        text = given.pop("text")
        return {**given, "input": {"text": text} if text else {}}


class KnowledgeForm(forms.Form):
    """Text or Markdown that the agent may look up and cite; at most 1 MB."""

    LIMIT = 1_000_000
    file = forms.FileField(label=_("File"), help_text=_("Text or Markdown, at most 1 MB."))

    def clean_file(self) -> tuple[str, str]:
        """(name, text). UTF-8 with or without a byte order mark, else Windows-1252."""
        file = self.cleaned_data["file"]
        if file.size > self.LIMIT:
            raise forms.ValidationError(_("The file is larger than 1 MB."), code="too_large")
        raw = file.read()
        if b"\x00" in raw:
            raise forms.ValidationError(_("This is not a text file."), code="not_text")
        try:
            return file.name, raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return file.name, raw.decode("cp1252", errors="replace")
