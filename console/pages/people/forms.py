"""Forms about people: who comes in, as what, and how they introduce themselves."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents.people.enums import TeamRole
from console.forms import ZoneField


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=TeamRole.choices, initial=TeamRole.MANAGER)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=TeamRole.choices)


class JoinForm(forms.Form):
    """What somebody new tells us. The address is the invitation's."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    zone = ZoneField(label=_("Your time zone"), max_length=64)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
