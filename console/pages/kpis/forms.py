"""What the KPI board can be narrowed to."""

import datetime as dt

from django import forms

from agents.fleet.enums import Function
from agents.people.models import Team, User
from console.kpis.scope import AGAIN, PERIODS, By, Scope


class ScopeForm(forms.Form):
    """Page, export and API take the same. An unknown value is no filter."""

    days = forms.IntegerField(required=False, min_value=1, max_value=PERIODS[-1])
    agent = forms.SlugField(required=False, max_length=60)
    flow = forms.SlugField(required=False, max_length=60)
    use_case = forms.CharField(required=False, max_length=60)
    function = forms.ChoiceField(required=False, choices=Function.choices)
    again = forms.IntegerField(required=False, min_value=1, max_value=AGAIN[-1])
    by = forms.ChoiceField(required=False, choices=By.choices)
    kpi = forms.SlugField(required=False, max_length=40)

    def scope(self, user: User, team: Team, last: dt.date) -> Scope:
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value and name != "kpi"}
        return Scope(user, team, last, **given | {"by": By(given.get("by", By.AGENT))})

    @property
    def drawn(self) -> str:
        """The key of the figure to draw; "" for the first."""
        self.is_valid()
        return str(self.cleaned_data.get("kpi", ""))
