"""Which form field asks for a property: the one that fits its JSON Schema, a JSON box where none does."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.base.phrases import spoken
from agents.base.untrusted import plain_untrusted
from console.forms import MoneyField
from console.pages.exceptions.fields import (
    ChoiceField,
    ChoicesField,
    Json,
    JsonField,
    LinesField,
    NumberField,
    Schema,
    TextField,
)

MICROS = "micros"
"""Our own JSON Schema format: whole millionths of a currency, typed as a decimal amount."""
SHORT = 120
"""A text that may be longer gets a box of several lines."""


def field_for(schema: Schema, *, required: bool, label: str, help_text: str) -> forms.Field:
    """The field that fits one property's schema; a JSON box where none does. What is `readOnly` stays as it is."""
    field = _field(schema, required, {"label": label, "help_text": help_text})
    field.disabled = schema.get("readOnly") is True
    return field


def _field(schema: Schema, required: bool, common: dict[str, Any]) -> forms.Field:
    options = choices_of(schema)
    if options:
        return ChoiceField(options, required=required, **common)
    if schema.get("format") == MICROS:
        return MoneyField(required=required, **common)
    maker = MAKERS.get(_type(schema))
    return maker(schema, required, common) if maker else _json_box(schema, required, common)


def choices_of(schema: Schema) -> list[tuple[Json, str]]:
    """The values of an enumeration with their words, or nothing."""
    if "enum" in schema:
        return [(value, plain_untrusted(str(value))) for value in schema["enum"]]
    if "const" in schema:
        return [(schema["const"], _title(schema))]
    options = schema.get("oneOf") or schema.get("anyOf") or []
    if options and all(isinstance(option, Mapping) and "const" in option for option in options):
        return [(option["const"], _title(option)) for option in options]
    if _type(schema) == "boolean":
        return [(True, str(_("yes"))), (False, str(_("no")))]
    return []


def _title(option: Schema) -> str:
    return plain_untrusted(spoken(str(option.get("title", option["const"]))))


def _type(schema: Schema) -> str:
    kind = schema.get("type", "")
    return kind if isinstance(kind, str) else ""


def _text(schema: Schema, required: bool, common: dict[str, Any]) -> forms.Field:
    short = schema.get("maxLength", SHORT + 1) <= SHORT
    return TextField(required=required, strip=False, widget=forms.TextInput() if short else _box(2), **common)


def _number(schema: Schema, required: bool, common: dict[str, Any]) -> forms.Field:
    return NumberField(required=required, widget=forms.TextInput({"inputmode": "decimal"}), **common)


def _list(schema: Schema, required: bool, common: dict[str, Any]) -> forms.Field:
    items = schema.get("items")
    if not isinstance(items, Mapping):
        return _json_box(schema, required, common)
    needed = required and schema.get("minItems", 0) > 0
    options = choices_of(items)
    if options:
        return ChoicesField(options, required=needed, **common)
    if _type(items) != "string":
        return _json_box(schema, required, common)
    common["help_text"] = common["help_text"] or _("One a line.")
    return LinesField(required=needed, strip=False, widget=_box(4), **common)


def _json_box(schema: Schema, required: bool, common: dict[str, Any]) -> forms.Field:
    text_allowed = "type" not in schema
    common["help_text"] = common["help_text"] or ("" if text_allowed else _("As JSON."))
    return JsonField(text_allowed=text_allowed, required=required, strip=False, widget=_box(5), **common)


def _box(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


MAKERS: dict[str, Callable[[Schema, bool, dict[str, Any]], forms.Field]] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "array": _list,
}
