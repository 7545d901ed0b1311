"""What a person says to an agent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.base.ids import uuid7
from agents.fleet.actions.instructions import MOST


class FeedbackForm(forms.Form):
    """What the agent is told from its next run on; `instead` of everything it was told before, or after it."""

    text = forms.CharField(label=_("From now on"), max_length=MOST, widget=forms.Textarea({"rows": 3}))
    instead = forms.BooleanField(label=_("Instead of everything before"), required=False)


class PastedForm(forms.Form):
    """A person carried the text to the agent's own page."""

    evidence = forms.CharField(label=_("What you saw there"), max_length=2000)
    minutes = forms.IntegerField(label=_("Minutes it took"), min_value=0, max_value=480, initial=2)


class AskForm(forms.Form):
    """A question the agent answers now."""

    question = forms.CharField(label=_("Question"), max_length=2000, widget=forms.Textarea({"rows": 2}))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
