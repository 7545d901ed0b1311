"""An address, and which agent a sender means."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.connectors.enums import SourceMode
from agents.fleet.models import Agent

ERRORS = {"invalid_choice": _("Choose an agent from the list.")}


class SourceForm(forms.Form):
    """Without an agent, each event names the one it is about."""

    name = forms.CharField(label=_("Who sends"), max_length=80)
    mode = forms.ChoiceField(label=_("How they prove it"), choices=SourceMode.choices)
    agent = forms.ModelChoiceField(
        label=_("About"),
        queryset=Agent.objects.none(),
        required=False,
        empty_label=_("Any agent: each event names it"),
        error_messages=ERRORS,
    )

    def __init__(self, *args: Any, agents: QuerySet[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]


class MapForm(forms.Form):
    """What a sender calls its agent, and who that is."""

    name = forms.CharField(max_length=200, widget=forms.HiddenInput, strip=False)
    agent = forms.ModelChoiceField(label=_("Agent"), queryset=Agent.objects.none(), error_messages=ERRORS)

    def __init__(self, *args: Any, agents: QuerySet[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
