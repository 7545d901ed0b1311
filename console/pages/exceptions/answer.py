"""The form a person answers with, built from the answer's own JSON Schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from jsonschema import ValidationError

from agents.base.phrases import spoken
from agents.runs.schemas import is_sound, misfits
from console.pages.exceptions.asking import field_for
from console.pages.exceptions.fields import OMIT, Json, Schema, TextField

Path = tuple[str, ...]


class AnswerForm(forms.Form):
    """One field a property of a sound schema, objects one level deep; what a form cannot ask is a JSON box."""

    def __init__(self, schema: Schema, data: Any = None, *, given: Json = None) -> None:
        super().__init__(data, prefix="answer", label_suffix="")
        self.schema = schema
        self.paths: dict[str, Path] = {}
        self.nullable: set[str] = set()
        self.required: set[str] = set()
        for number, (path, part, required) in enumerate(slots(self.schema)):
            self._add(f"f{number}", path, part, required)
            if given is not None:
                self.initial[f"f{number}"] = _dig(given, path) if path or given else ""

    def _add(self, name: str, path: Path, part: Schema, required: bool) -> None:
        bare = without_null(part)
        nullable = bare is not part
        self.paths[name] = path
        self.nullable |= {name} if nullable else set()
        self.required |= {name} if required else set()
        label = part.get("title") or (capfirst(path[-1].replace("_", " ")) if path else _("Your answer"))
        self.fields[name] = field_for(
            bare,
            required=required and not nullable,
            label=spoken(str(label)),
            help_text=spoken(str(part.get("description", ""))),
        )

    def unjudged(self) -> None:
        """Show what was typed as it is: it was not what is to be sent."""
        self._errors = ErrorDict()

    def begin(self, text: str) -> None:
        """Put `text` where most is written: what is left as it is becomes the answer."""
        names = [name for name, field in self.fields.items() if isinstance(field, TextField) and not field.disabled]
        if names:
            most = max(names, key=lambda name: len(str(self.initial.get(name) or "")))
            self.initial[most] = text

    def answer(self) -> Json:
        """The JSON value that was filled in."""
        if list(self.paths.values()) == [()]:
            value = self.cleaned_data.get("f0", OMIT)
            return None if value is OMIT else value
        whole: dict[str, Any] = {path[0]: {} for path in self.paths.values() if len(path) > 1}
        for name, path in self.paths.items():
            value = self._value(name)
            if value is not OMIT:
                _plant(whole, path, value)
        return whole

    def _value(self, name: str) -> Json:
        value = self.cleaned_data.get(name, OMIT)
        if value is OMIT and name in self.required:
            return None if name in self.nullable else []
        return value

    def clean(self) -> dict[str, Any] | None:
        if not self.errors:
            for error in misfits(self.schema, self.answer()):
                self.add_error(self._field_at(tuple(map(str, error.absolute_path))), sentence(error))
        return self.cleaned_data

    def _field_at(self, path: Path) -> str | None:
        for name, own in self.paths.items():
            if own and path[: len(own)] == own:
                return name
        return "f0" if list(self.paths.values()) == [()] else None


def sound(schema: Schema) -> Schema:
    """The schema, or an empty one where it is none: a question must stay answerable."""
    return schema if schema and is_sound(schema) else {}


def slots(schema: Schema) -> Iterator[tuple[Path, Schema, bool]]:
    """Path, schema and need of every field: the properties of an object, one level of objects inside, or the whole."""
    if not _has_properties(schema):
        yield (), schema, True
        return
    for name, part, required in _properties(schema):
        if required and _has_properties(part):
            for inner, piece, needed in _properties(part):
                yield (name, inner), piece, needed
        else:
            yield (name,), part, required


def _has_properties(schema: Schema) -> bool:
    properties = schema.get("properties")
    return schema.get("type") == "object" and isinstance(properties, Mapping) and bool(properties)


def _properties(schema: Schema) -> Iterator[tuple[str, Schema, bool]]:
    """What is needed first: PostgreSQL's jsonb has forgotten the order the properties were written in."""
    required = schema.get("required", ())
    for name, part in sorted(schema["properties"].items(), key=lambda item: item[0] not in required):
        yield name, part if isinstance(part, Mapping) else {}, name in required


def without_null(schema: Schema) -> Schema:
    """The schema without its null alternative, or the very same object where it has none."""
    kind = schema.get("type")
    if isinstance(kind, list) and "null" in kind and len(kind) == 2:
        return {**schema, "type": next(name for name in kind if name != "null")}
    options = schema.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options and len(options) == 2:
        rest = next(option for option in options if option != {"type": "null"})
        return {**rest, **{key: value for key, value in schema.items() if key != "anyOf"}}
    return schema


def _dig(value: Json, path: Path) -> Json:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _plant(whole: dict[str, Any], path: Path, value: Json) -> None:
    for name in path[:-1]:
        whole = whole.setdefault(name, {})
    whole[path[-1]] = value


def sentence(error: ValidationError) -> str:
    """What is wrong, in words for the person who typed it."""
    limit = error.validator_value
    sentences = {
        "minLength": _("Write at least %(limit)s characters."),
        "maxLength": _("Write at most %(limit)s characters."),
        "minimum": _("The smallest value allowed is %(limit)s."),
        "maximum": _("The largest value allowed is %(limit)s."),
        "exclusiveMinimum": _("The value must be larger than %(limit)s."),
        "exclusiveMaximum": _("The value must be smaller than %(limit)s."),
        "multipleOf": _("The value must be a multiple of %(limit)s."),
        "minItems": _("Give at least %(limit)s."),
        "maxItems": _("Give at most %(limit)s."),
        "type": _("This must be of the type %(limit)s."),
        "required": _("Something that is needed is missing."),
    }
    return sentences.get(str(error.validator), _("This does not fit what was asked.")) % {"limit": limit}
