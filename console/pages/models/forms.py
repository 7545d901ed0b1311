"""A model at a provider of the team's own."""

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import Tier
from console.forms import MoneyField


class ModelForm(forms.Form):
    """The key is written, never shown; empty, a known provider keeps the one it has."""

    provider = forms.CharField(label=_("Provider"), max_length=60)
    base_url = forms.URLField(
        label=_("Address"),
        max_length=300,
        assume_scheme="https",
        help_text=_("OpenAI-compatible, up to and including /v1."),
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted and never shown. Empty: the provider keeps the one it has."),
    )
    name = forms.CharField(label=_("Model, as its provider spells it"), max_length=120)
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    input_micros = MoneyField(label=_("USD for a million tokens in"))
    output_micros = MoneyField(label=_("USD for a million tokens out"))
    context_window = forms.IntegerField(
        label=_("Tokens it takes at once"), min_value=1000, max_value=100_000_000, required=False
    )
