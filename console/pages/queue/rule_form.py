"""The form of a standing rule: what the decision it is made from suggests, to be narrowed."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.errors import Invalid
from agents.base.money import decimal_text, parse_micros
from agents.base.phrases import spoken
from agents.runs.conditions import Is, fields_of
from agents.runs.enums import ExceptionKind
from agents.runs.models import RunException
from agents.runs.stakes import IN_MICROS, amounts
from console.forms import MoneyField

ROWS = 4
"""Conditions that the form offers."""
NAMES = ("tool", "tool_name", "name", "action")
LASTS = 30
"""Days, unless somebody says otherwise."""
SAME = "fingerprint"
"""The field that tells the same question; people are shown the question, not the hash."""
WORDS = {SAME: _("the same question"), "title": _("title"), "severity": _("severity"), "cause": _("cause")}


def label(field: str, kind: str) -> str:
    """A field in the words of the form; an amount goes by what it is an amount of.

    Of an approval the same question is the same effect, to the letter: no other wording of it is reached.
    """
    if field == SAME and kind == ExceptionKind.APPROVAL:
        return str(_("exactly the same proposal"))
    return str(WORDS.get(field, field.removesuffix("_micros") if is_amount(field) else field))


def is_amount(field: str) -> bool:
    """Whether it is asked in micro-units, which people read and type as money."""
    return field.split(".")[-1] in IN_MICROS


class RuleForm(forms.Form):
    """Up to four conditions, a limit, and an end."""

    most_a_day = forms.IntegerField(label=_("At most so often a day"), min_value=1, initial=20)
    most_micros = MoneyField(label=_("Up to this amount each"), required=False)
    expires_at = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}))

    def __init__(self, exception: RunException, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.exception = exception
        self.problems: list[str] = []
        """What is wrong with what the form suggests before anybody has sent it."""
        known = fields_of(exception)
        fields = [("", "–"), *((name, label(name, exception.kind)) for name in known)]
        suggested = [*suggestion(exception), *[{"field": "", "is": Is.EQUAL, "value": ""}] * ROWS][:ROWS]
        for number, condition in enumerate(suggested):
            self._row(number, fields, {**condition, "value": self._shown(**condition)})
        self.initial["expires_at"] = timezone.localdate() + dt.timedelta(days=LASTS)
        self.initial["most_micros"] = max((micros for micros, _unit in amounts(exception.proposal)), default="")

    def _row(self, number: int, fields: list[tuple[str, str]], condition: dict[str, str]) -> None:
        parts = {
            "field": forms.ChoiceField(choices=fields, required=False, label=_("Field")),
            "is": forms.ChoiceField(choices=Is.choices, label=_("How it compares")),
            "value": forms.CharField(max_length=300, required=False, label=_("Value")),
        }
        for name, field in parts.items():
            self.fields[f"{name}{number}"] = field
            self.initial[f"{name}{number}"] = condition[name]

    def _shown(self, field: str, value: str, **_rest: str) -> str:
        """A value as people read it; `_kept` is the way back."""
        if field == SAME:
            return spoken(self.exception.title)
        return decimal_text(int(value)) if is_amount(field) and value.isdecimal() else value

    def _kept(self, field: str, value: str) -> str:
        """Raises Invalid for an amount that is none."""
        if field == SAME:
            return self.exception.fingerprint
        return str(parse_micros(value)) if is_amount(field) else value

    def clean(self) -> None:
        for number in range(ROWS):
            try:
                self._condition(number)
            except Invalid as error:
                self.add_error(f"value{number}", error.message)

    def _condition(self, number: int) -> dict[str, str]:
        field, how, value = (self.cleaned_data.get(f"{name}{number}", "") for name in ("field", "is", "value"))
        return {"field": field, "is": how, "value": self._kept(field, value)}

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"{name}{number}"] for name in ("field", "is", "value")] for number in range(ROWS)]

    @property
    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in ("most_a_day", "most_micros", "expires_at")]

    def wanted(self) -> dict[str, Any]:
        """What the action is given; a field that is left empty is no condition. The last day counts whole."""
        given = self.cleaned_data
        rows = [self._condition(number) for number in range(ROWS)]
        last = dt.datetime.combine(given["expires_at"], dt.time.max, timezone.get_current_timezone())
        return {
            "conditions": [row for row in rows if row["field"]],
            "most_a_day": given["most_a_day"],
            "most_micros": given["most_micros"] if self.data.get("most_micros") else None,
            "expires_at": last,
        }


def suggestion(exception: RunException) -> list[dict[str, str]]:
    """The same tool up to the same amount; where nothing is proposed, the same question."""
    known = fields_of(exception)
    named = [{"field": name, "is": Is.EQUAL.value, "value": known[name]} for name in NAMES if name in known][:1]
    sized = [{"field": n, "is": Is.AT_MOST.value, "value": known[n]} for n in known if is_amount(n)]
    same = {"field": SAME, "is": Is.EQUAL.value, "value": exception.fingerprint}
    return [*named, *sized[:1]] or [same]
