"""What people type about exceptions: the inbox's filters, and a decision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.base.ids import uuid7
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, Severity

ALL = "all"


class FilterForm(forms.Form):
    """What the inbox can be narrowed to. An unknown value is no filter; without a state it shows what is open."""

    state = forms.ChoiceField(required=False, choices=[*ExceptionState.choices, (ALL, _("all"))])
    severity = forms.ChoiceField(required=False, choices=Severity.choices)
    kind = forms.ChoiceField(required=False, choices=ExceptionKind.choices)
    agent = forms.SlugField(required=False, max_length=60)
    owner = forms.UUIDField(required=False)
    after = forms.CharField(required=False, max_length=80)

    def chosen(self) -> dict[str, str]:
        """The valid filters that were given."""
        self.is_valid()
        found = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return {"state": ExceptionState.OPEN, **found}


class DecisionForm(forms.Form):
    """A decision beside its answer. `key` makes a second click the same decision; `sha256` is what was on the page."""

    kind = forms.ChoiceField(choices=DecisionKind.choices)
    note = forms.CharField(max_length=10_000, required=False, widget=forms.Textarea({"rows": 2}))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    sha256 = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
