"""Forms of the fleet. Words, lengths and choices come from the models; the rules from the actions."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import Function, Lifecycle, Observed, OwnerRole, Tier, Vendor
from agents.fleet.models import Agent, Assignment, Model
from agents.fleet.queries import onboarding_load
from agents.flows.actions import DAY_CAP, RUN_CAP
from agents.people.models import Team, User
from agents.people.queries import members
from agents.runs.inputs import schema_of
from console.forms import MoneyField, ZoneField

if TYPE_CHECKING:
    AgentModelForm = forms.ModelForm[Agent]
    UserChoiceField = forms.ModelChoiceField[User]
else:  # at run time these classes take no type
    AgentModelForm, UserChoiceField = forms.ModelForm, forms.ModelChoiceField


class FilterForm(forms.Form):
    """What the fleet can be narrowed to. An unknown value is no filter."""

    text = forms.CharField(required=False, max_length=100)
    state = forms.ChoiceField(required=False, choices=Observed.choices)
    lifecycle = forms.ChoiceField(required=False, choices=Lifecycle.choices)
    vendor = forms.ChoiceField(required=False, choices=Vendor.choices)
    function = forms.ChoiceField(required=False, choices=Function.choices)
    owner = forms.UUIDField(required=False)

    def chosen(self) -> dict[str, str]:
        """The valid filters that were given."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class ProfileForm(AgentModelForm):
    """What is known about an agent, typed by people."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    vendor_url = forms.URLField(
        label=_("Its page at the vendor"), max_length=200, required=False, assume_scheme="https"
    )
    value_per_outcome_micros = MoneyField(label=_("Value per outcome"), required=False)
    waiting_cost_micros_per_hour = MoneyField(label=_("Cost of an hour's waiting"), required=False)

    class Meta:
        model = Agent
        fields = [
            "name",
            "native_name",
            "vendor",
            "vendor_url",
            "function",
            "purpose",
            "language",
            "personality",
            "requirements",
            "outcome",
            "value_per_outcome_micros",
            "currency",
            "waiting_cost_micros_per_hour",
            "baseline_minutes",
        ]
        widgets = {
            "purpose": forms.Textarea(attrs={"rows": 2}),
            "personality": forms.Textarea(attrs={"rows": 2}),
            "requirements": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "native_name": _("As its vendor's dashboard calls it."),
            "outcome": _("What one success is called: a meeting, a resolved ticket."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["baseline_minutes"].required = False

    def clean_baseline_minutes(self) -> int:
        """As it was when nothing is given."""
        given = self.cleaned_data["baseline_minutes"] or self.initial.get("baseline_minutes")
        return int(given or self.instance.baseline_minutes)


class EditForm(ProfileForm):
    """The profile and the version that was read: an edit of something else is not overwritten."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PersonField(UserChoiceField):
    """An active member of the team, from the list."""

    default_error_messages = {"invalid_choice": _("Choose from the list.")}

    def of(self, team: Team) -> None:
        """Offer the people of this team."""
        people = members(team).filter(user__is_active=True).values("user")
        self.queryset = User.objects.filter(pk__in=people).order_by("name", "pk")


class SeatForm(forms.Form):
    user = PersonField(label=_("Person"), queryset=User.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=OwnerRole.choices, initial=OwnerRole.SECOND)

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["user"].of(team)  # type: ignore[attr-defined]


class NewAgentForm(ProfileForm):
    """A new agent with its first two owners; the second may come later, before it goes live."""

    slug = forms.SlugField(
        label=_("Short name"), max_length=60, required=False, help_text=_("Part of its address. Empty: from its name.")
    )
    running_since = forms.DateField(
        label=_("Already running since"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("An agent that already works is exempt from the limits on new ones."),
    )
    primary = PersonField(label=_("Primary owner"), queryset=User.objects.none())
    second = PersonField(label=_("Second owner"), queryset=User.objects.none(), required=False)
    reason = forms.CharField(
        label=_("Why more than usual"),
        max_length=300,
        required=False,
        help_text=_("Only when the team already takes on as many as it can: the Chief Agent Officer says why."),
    )

    field_order = ["name", "vendor", "function", "primary", "second", "purpose"]

    def __init__(self, *args: Any, team: Team, **options: Any) -> None:
        super().__init__(*args, **options)
        if not onboarding_load(team).blocks:
            del self.fields["reason"]
        for name in ("primary", "second"):
            self.fields[name].of(team)  # type: ignore[attr-defined]

    def owners(self) -> list[tuple[User, str]]:
        """The seats asked for."""
        first, second = self.cleaned_data["primary"], self.cleaned_data["second"]
        return [(first, OwnerRole.PRIMARY)] + ([(second, OwnerRole.SECOND)] if second else [])


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


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


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
