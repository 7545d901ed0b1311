"""The first form anybody fills in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from console.forms import ZoneField


class SetupForm(forms.Form):
    """The company, and the person who lets the others in."""

    code = forms.CharField(
        label=_("Set-up code"),
        max_length=80,
        help_text=_("It was printed where Rollcall was started."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    team = forms.CharField(label=_("Company"), max_length=120)
    zone = ZoneField(label=_("Time zone"), max_length=64)
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="USD")
    name = forms.CharField(label=_("Your name"), max_length=120)
    email = forms.EmailField(label=_("Your e-mail address"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()
