"""Forms of the fleet. Words, lengths and choices come from the models; the rules from the actions."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import Function, Lifecycle, Observed, OwnerRole, Vendor
from agents.fleet.models import Agent
from agents.fleet.queries import onboarding_load
from agents.people.models import Team, User
from agents.people.queries import members
from console.forms import MoneyField

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


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
