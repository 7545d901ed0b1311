"""Form fields that give JSON values back: each cleans to a value, or to OMIT when nothing was filled in."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agents.base.untrusted import plain_untrusted

Json = Any
Schema = Mapping[str, Any]
FEW = 6
"""Up to so many choices are radio buttons; more are a list."""
OMIT: Any = object()
"""Nothing was filled in."""


class TextField(forms.CharField):
    """A text as typed; browsers send CR LF, JSON keeps LF."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def prepare_value(self, value: Any) -> Any:
        """What an agent proposed is edited in sight: its invisible characters become marks that can be deleted."""
        return plain_untrusted(value, len(value)) if isinstance(value, str) else value

    def clean(self, value: Any) -> Json:
        return super().clean(value) or OMIT


class NumberField(TextField):
    """A JSON number: whole numbers stay whole, nothing is rounded."""

    def clean(self, value: Any) -> Json:
        text = super().clean(str(value).strip() if value is not None else "")
        if text is OMIT:
            return OMIT
        try:
            number = json.loads(text)
        except ValueError:
            number = None
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise ValidationError(_("Write a number in plain digits, with a point before decimals."), "number")
        return number


class LinesField(TextField):
    """A list of texts, one a line."""

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value("\n".join(value) if isinstance(value, list) else value)

    def clean(self, value: Any) -> Json:
        text = super().clean(value)
        return OMIT if text is OMIT else [line for line in text.split("\n") if line.strip()]


class JsonField(TextField):
    """Any JSON; where the schema allows plain text, what is no JSON is taken as text."""

    def __init__(self, *, text_allowed: bool, **options: Any) -> None:
        super().__init__(**options)
        self.text_allowed = text_allowed

    def prepare_value(self, value: Any) -> Any:
        """Nothing, where nothing was proposed."""
        if value is None or isinstance(value, str):
            return super().prepare_value(value)
        return super().prepare_value(json.dumps(value, ensure_ascii=False, indent=2))

    def clean(self, value: Any) -> Json:
        text = super().clean(value)
        if text is OMIT:
            return OMIT
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            if self.text_allowed:
                return text
            raise ValidationError(_("This is not valid JSON."), "json") from None


class ChoiceField(forms.TypedChoiceField):
    """One of a few JSON values."""

    def __init__(self, options: Sequence[tuple[Json, str]], *, required: bool, **rest: Any) -> None:
        choices = [(json.dumps(value), label) for value, label in options]
        blank = [] if required else [("", _("no answer"))]
        super().__init__(
            choices=[*blank, *choices],
            coerce=json.loads,
            empty_value=OMIT,
            required=required,
            widget=forms.RadioSelect() if len(choices) <= FEW else forms.Select(),
            **rest,
        )

    def prepare_value(self, value: Any) -> Any:
        return value if value in dict(self.choices) else json.dumps(value)  # type: ignore[arg-type]


class ChoicesField(forms.TypedMultipleChoiceField):
    """Some of a few JSON values."""

    def __init__(self, options: Sequence[tuple[Json, str]], **rest: Any) -> None:
        choices = [(json.dumps(value), label) for value, label in options]
        super().__init__(
            choices=choices, coerce=json.loads, empty_value=OMIT, widget=forms.CheckboxSelectMultiple(), **rest
        )

    def prepare_value(self, value: Any) -> Any:
        return value


def _refuse_constant(name: str) -> Json:
    raise ValueError(name)
