"""What people type about runs: the list's filters, one ticket, a file of tickets, a reason."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.base.ids import uuid7
from agents.channels.enums import Survey
from agents.fleet.enums import Function
from agents.runs.actions.flaws import MOST
from agents.runs.enums import Channel, Queue, RunState
from agents.runs.inputs import MOST_SLA_MINUTES

SINCE = [("1", _("last 24 hours")), ("7", _("last 7 days")), ("30", _("last 30 days"))]


class FilterForm(forms.Form):
    """What the list can be narrowed to, days in the reader's zone. An unknown value is no filter."""

    agent = forms.SlugField(required=False, max_length=60)
    state = forms.ChoiceField(required=False, choices=RunState.choices)
    since = forms.ChoiceField(required=False, choices=SINCE)
    flow = forms.SlugField(required=False, max_length=60)
    use_case = forms.CharField(required=False, max_length=60)
    function = forms.ChoiceField(required=False, choices=Function.choices)
    first = forms.DateField(required=False)
    last = forms.DateField(required=False)
    batch = forms.UUIDField(required=False)
    before = forms.UUIDField(required=False)

    def chosen(self) -> dict[str, str]:
        """The valid filters that were given."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class RatingForm(forms.Form):
    """What a customer answered, e.g. by telephone."""

    survey = forms.ChoiceField(label=_("The customer was asked"), choices=Survey.choices)
    score = forms.IntegerField(label=_("Answer"), min_value=0, max_value=10)


class TicketForm(forms.Form):
    """One ticket. `key` makes a second click the same run."""

    text = forms.CharField(label=_("What the customer wrote"), max_length=20_000, widget=forms.Textarea({"rows": 6}))
    customer = forms.CharField(label=_("Customer"), max_length=200, required=False)
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("Empty: the beginning of the text.")
    )
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[("", _("Not known")), *Channel.choices])
    external_id = forms.CharField(
        label=_("Ticket number"),
        max_length=200,
        required=False,
        help_text=_("The same number again shows the first run instead of starting a second one."),
    )
    queue = forms.ChoiceField(label=_("How soon"), choices=Queue.choices, initial=Queue.URGENT)
    sla_minutes = forms.IntegerField(
        label=_("Answer owed within (minutes)"),
        required=False,
        min_value=1,
        max_value=MOST_SLA_MINUTES,
        help_text=_("The ticket’s own SLA. Of what waits, the one that ends soonest goes first."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)

    def external(self) -> str:
        """What makes this ticket the same one when it is sent again."""
        return self.cleaned_data["external_id"] or f"form:{self.cleaned_data['key']}"


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class WrongForm(forms.Form):
    note = forms.CharField(max_length=MOST)


class KeyForm(forms.Form):
    """The key of a page's button: sent twice, it acts once."""

    key = forms.UUIDField()

    def value(self) -> str:
        """The key, or a fresh one when the page brought none."""
        return str(self.cleaned_data["key"] if self.is_valid() else uuid.uuid4())
