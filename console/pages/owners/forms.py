"""Seating the same people on many agents at once; days on which somebody is away."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import OwnerRole, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from console.forms import ZoneField
from console.pages.agents.forms import PersonField


class AssignForm(forms.Form):
    """The agents chosen in the grid, and who owns them from now on."""

    agents = forms.ModelMultipleChoiceField(
        queryset=Agent.objects.none(),
        error_messages={"required": _("Tick the agents first."), "invalid_choice": _("Choose from the list.")},
    )
    primary = PersonField(label=_("Primary"), queryset=User.objects.none())
    second = PersonField(label=_("Second"), queryset=User.objects.none())
    backup = PersonField(label=_("Backup"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, team: Team, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agents"].queryset = agents_for(user, Verb.VIEW).filter(team=team)  # type: ignore[attr-defined]
        for name in ("primary", "second", "backup"):
            self.fields[name].of(team)  # type: ignore[attr-defined]

    def seats(self) -> list[tuple[User, OwnerRole]]:
        """The seats asked for."""
        roles = (OwnerRole.PRIMARY, OwnerRole.SECOND, OwnerRole.BACKUP)
        return [(user, role) for role in roles if (user := self.cleaned_data[role.value])]


class AbsenceForm(forms.Form):
    """Whole days, both included. Who does not lead the team speaks for themselves."""

    user = PersonField(label=_("Who"), queryset=User.objects.none(), required=False)
    first = forms.DateField(label=_("First day away"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label=_("Last day away"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    zone = ZoneField(label=_("Time zone"), max_length=64, required=False, help_text=_("Empty: the person’s own."))

    def __init__(self, *args: Any, team: Team, user: User, leads: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asking = user
        if leads:
            self.fields["user"].of(team)  # type: ignore[attr-defined]
            self.fields["user"].help_text = _("Empty: you.")
        else:
            del self.fields["user"]

    def declared(self) -> dict[str, Any]:
        """For `declare_absence`."""
        return {**self.cleaned_data, "user": self.cleaned_data.get("user") or self.asking}
