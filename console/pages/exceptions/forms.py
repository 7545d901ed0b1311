"""What people type about exceptions: the inbox's filters, and a decision."""

from dataclasses import fields

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from agents.base.ids import uuid7
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, RootCause, Severity
from agents.runs.models import ReviewItem
from agents.runs.queries import Need, Where

ALL = "all"


class FilterForm(forms.Form):
    """What the inbox can be narrowed to. An unknown value is no filter; without a state it shows what is open."""

    state = forms.ChoiceField(required=False, choices=[*ExceptionState.choices, (ALL, _("all"))])
    need = forms.ChoiceField(required=False, choices=Need.choices)
    severity = forms.ChoiceField(required=False, choices=Severity.choices)
    kind = forms.ChoiceField(required=False, choices=ExceptionKind.choices)
    agent = forms.SlugField(required=False, max_length=60)
    owner = forms.UUIDField(required=False)
    root_cause = forms.ChoiceField(required=False, choices=RootCause.choices)
    after = forms.CharField(required=False, max_length=80)

    def chosen(self) -> dict[str, str]:
        """The valid filters that were given."""
        self.is_valid()
        found = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return {"state": ExceptionState.OPEN, **found}


def where(chosen: dict[str, str]) -> Where:
    """The filters in the words of the query."""
    names = (field.name for field in fields(Where))
    found = {name: chosen[name] for name in names if chosen.get(name)}
    return Where(**{**found, "state": "" if chosen["state"] == ALL else chosen["state"]})


class DecisionForm(forms.Form):
    """A decision beside its answer. `key` makes a second click the same decision; `sha256` is what was on the page.

    `skip` is a ready reason to skip, whose button decides by itself; `also` are the items that ask the same.
    """

    kind = forms.ChoiceField(choices=DecisionKind.choices)
    root_cause = forms.ChoiceField(choices=[("", ""), *RootCause.choices], required=False)
    skip = forms.CharField(max_length=300, required=False)
    note = forms.CharField(max_length=10_000, required=False, widget=forms.Textarea({"rows": 2}))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    sha256 = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    also = forms.ModelMultipleChoiceField(ReviewItem.objects.all(), required=False)

    def __init__(self, data: QueryDict) -> None:
        if data.get("skip"):
            data = data.copy()
            data["kind"], data["note"] = DecisionKind.SKIP, str(data["skip"])
        super().__init__(data)
