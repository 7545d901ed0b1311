"""Above which amount an approval needs a second person."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.forms import MoneyField


class SecondPersonForm(forms.Form):
    """An empty amount takes the limit away."""

    above = MoneyField(label=_("Above this amount"), required=False)
    whole_team = forms.BooleanField(label=_("for the whole team"), required=False)

    def wanted(self) -> dict[str, Any]:
        """What the action is given."""
        above = self.cleaned_data["above"] if self.data.get("above") else None
        return {"above_micros": above, "whole_team": self.cleaned_data["whole_team"]}
