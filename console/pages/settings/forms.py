"""What people set for themselves."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.people.enums import TokenScope
from agents.people.models import Team
from console.forms import ZoneField


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    zone = ZoneField(label=_("Time zone"), max_length=64)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    day_minutes = forms.IntegerField(
        label=_("Minutes a day for the agents"), min_value=5, max_value=600, required=False
    )


class TokenForm(forms.Form):
    """A token for a machine that works on the person's behalf."""

    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=TokenScope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.IntegerField(label=_("Days it works"), min_value=1, max_value=365, initial=90)


class TeamForm(forms.Form):
    team = forms.ModelChoiceField(queryset=Team.objects.none())
