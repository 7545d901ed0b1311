"""What the pane's forms share: fields people recognise, and refusals of an action shown where they belong."""

import base64
from binascii import Error as BadBase64
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agents.base.errors import Invalid, NotAllowed, Refused
from agents.base.money import decimal_text, parse_micros
from agents.people.validators import zones

T = TypeVar("T")


class ZoneInput(forms.TextInput):
    """A time zone typed with suggestions; app.js fills an empty one with the browser's own."""

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        given = {**(attrs or {}), "list": f"{name}-zones", "data-zone": ""}
        field = super().render(name, value, given, renderer)
        return format_html('{}<datalist id="{}-zones">{}</datalist>', field, name, _zone_options())


@cache
def _zone_options() -> SafeString:
    return format_html_join("", '<option value="{}">', ((zone,) for zone in sorted(zones())))


class ZoneField(forms.CharField):
    """An IANA time zone."""

    widget = ZoneInput
    default_error_messages = {"unknown": _("Choose a time zone from the list, such as America/Sao_Paulo.")}

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and value not in zones():
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")


class MoneyField(forms.CharField):
    """An amount typed as plain digits with a point, kept as whole micro-units."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 21, "widget": forms.TextInput(attrs={"inputmode": "decimal"}), **options})

    def prepare_value(self, value: Any) -> Any:
        return decimal_text(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        try:
            return parse_micros(text) if text else 0
        except Invalid as error:
            raise forms.ValidationError(error.message, code=error.code) from error


class LinesField(forms.CharField):
    """One item a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 5000, "widget": forms.Textarea({"rows": 2}), **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class FileForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput({"accept": ".csv,text/csv"}))

    def read(self, most: int) -> bytes:
        """The file, but not more of it than shows that it is larger than `most` bytes."""
        data: bytes = self.cleaned_data["file"].read(most + 1)
        return data


class ConfirmForm(forms.Form):
    """The previewed file, sent back: nothing is kept on the server between the preview and the word."""

    csv = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why more than usual"), max_length=300, required=False)

    def clean_csv(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["csv"], validate=True)
        except (BadBase64, ValueError):
            raise forms.ValidationError(_("The preview was damaged on its way. Upload the file again.")) from None

    def sent(self) -> dict[str, Any]:
        """What was sent back; raise Invalid when it cannot be read: its page has no place beside a field to say so."""
        if not self.is_valid():
            raise Invalid(problems_of(self))
        return self.cleaned_data


def encoded(data: bytes) -> str:
    """`data` for ConfirmForm."""
    return base64.b64encode(data).decode()


def problems_of(form: forms.BaseForm) -> str:
    """Whatever is wrong with the form, for a page that says it in one place."""
    return " ".join(str(problem) for problems in form.errors.values() for problem in problems)


def attempt(
    form: forms.BaseForm, act: Callable[[], T], *, through: tuple[type[Refused], ...] = (NotAllowed,)
) -> T | None:
    """The action's result; or None, with its refusal put on the form beside what was typed.

    Raises the refusals named in `through`, which no correction of the form would answer.
    """
    try:
        return act()
    except through:
        raise
    except Refused as error:
        found: dict[str, list[str]] = getattr(error, "fields", {})
        for name, problems in found.items():
            for problem in problems:
                form.add_error(name if name in form.fields else None, problem)
        if not any(name in form.fields for name in found):
            form.add_error(None, error.message)
        return None


def accepted(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Whether the form was right and the action took it; if not, the form says why."""
    return form.is_valid() and attempt(form, lambda: (act(),)) is not None
