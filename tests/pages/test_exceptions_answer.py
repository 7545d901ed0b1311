"""Any bounded JSON Schema becomes a form, and what is filled in comes back as the very same JSON."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from console.pages.exceptions.answer import AnswerForm, sound

Json = Any


def post(form: AnswerForm, answer: Json) -> QueryDict:
    """What a browser sends after a person has filled in `answer`."""
    data = QueryDict(mutable=True)
    for name, path in form.paths.items():
        value = answer
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None:
            continue
        field, key = form.fields[name], form.add_prefix(name)
        kind = type(field).__name__
        if kind == "ChoicesField":
            data.setlist(key, [json.dumps(each) for each in value])
        elif kind == "ChoiceField" or kind == "NumberField":
            data[key] = json.dumps(value)
        elif kind == "LinesField":
            data[key] = "\r\n".join(value)
        elif kind == "JsonField":
            data[key] = json.dumps(value)
        else:
            data[key] = value.replace("\n", "\r\n")
    return data


WORDS = st.text("abcdefgh ñé€", min_size=1, max_size=20).filter(lambda text: text.strip())
PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
KINDS = ["string", "enum", "oneOf", "integer", "number", "boolean", "strings", "some", "json", "object"]
LEAF = st.one_of(st.integers(-100, 100), st.booleans(), WORDS)


@st.composite
def parts(draw: st.DrawFn, deep: bool = True) -> tuple[dict[str, Any], Json]:
    """A schema of one property and a value that fits it."""
    kind = draw(st.sampled_from(KINDS))
    if kind == "object" and deep:
        return draw(objects(deep=False))
    value: Json
    if kind == "string":
        value = draw(PARAGRAPHS)
        return {"type": "string", "minLength": 1, "maxLength": draw(st.integers(len(value), 400))}, value
    if kind in ("enum", "oneOf"):
        values = draw(st.lists(LEAF, min_size=1, max_size=9, unique_by=json.dumps))
        value = draw(st.sampled_from(values))
        options = [{"const": each, "title": f"say {each}"} for each in values]
        return ({"enum": values} if kind == "enum" else {"oneOf": options}), value
    if kind == "integer":
        value = draw(st.integers(-(2**60), 2**60))
        return {"type": "integer", "minimum": value}, value
    if kind == "number":
        value = draw(st.floats(allow_nan=False, allow_infinity=False))
        return {"type": "number", "maximum": value}, value
    if kind == "boolean":
        return {"type": "boolean"}, draw(st.booleans())
    if kind == "strings":
        value = draw(st.lists(WORDS, min_size=1, max_size=4))
        return {"type": "array", "items": {"type": "string"}, "maxItems": 4}, value
    if kind == "some":
        values = draw(st.lists(WORDS, min_size=1, max_size=5, unique=True))
        value = [each for each in values if draw(st.booleans())] or values
        return {"type": "array", "items": {"enum": values}}, value
    value = draw(st.recursive(LEAF, lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=5))
    return {}, value


@st.composite
def objects(draw: st.DrawFn, deep: bool = True) -> tuple[dict[str, Any], Json]:
    names = draw(st.lists(st.text("abc.é_ ", min_size=1, max_size=8), min_size=1, max_size=4, unique=True))
    properties, values, required = {}, {}, []
    for name in names:
        properties[name], value = draw(parts(deep=deep))
        needed = draw(st.booleans()) or properties[name].get("type") == "object"
        required += [name] if needed else []
        if needed or draw(st.booleans()):
            values[name] = value
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return schema, values


@settings(max_examples=60, deadline=None)
@given(objects())
def test_any_bounded_schema_renders_and_round_trips(case: tuple[dict[str, Any], Json]) -> None:
    schema, value = case
    empty = AnswerForm(schema)
    assert empty.as_div()
    filled = AnswerForm(schema, post(empty, value))
    assert filled.is_valid(), filled.errors
    assert json.dumps(filled.answer(), sort_keys=True) == json.dumps(value, sort_keys=True)


@pytest.mark.parametrize(
    ("schema", "typed", "answer"),
    [
        ({}, "Tell her we are sorry", "Tell her we are sorry"),
        ({"type": "string"}, "yes", "yes"),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"type": "integer", "minimum": 1}, "7", 7),
    ],
)
def test_a_schema_without_properties_is_one_box(schema: dict[str, Any], typed: str, answer: Json) -> None:
    form = AnswerForm(schema, {"answer-f0": typed})
    assert form.is_valid(), form.errors
    assert form.answer() == answer


@pytest.mark.parametrize(
    ("part", "typed", "says"),
    [
        ({"type": "string", "maxLength": 3}, "four", "Write at most 3 characters."),
        ({"type": "string"}, "nul\x00", "Null characters are not allowed."),
        ({"type": "integer", "minimum": 5}, "4", "The smallest value allowed is 5."),
        ({"type": "integer"}, "4.5", "This must be of the type integer."),
        ({"type": "number"}, "1e999", "Write a number in plain digits, with a point before decimals."),
        ({"type": "number"}, "NaN", "Write a number in plain digits, with a point before decimals."),
        ({"type": "number"}, "12,50", "Write a number in plain digits, with a point before decimals."),
        ({"type": "object"}, "{", "This is not valid JSON."),
        ({"enum": ["a", "b"]}, '"c"', "Select a valid choice. “c” is not one of the available choices."),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, "one", "Give at least 2."),
        ({"type": "string"}, "", "This field is required."),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(part: dict[str, Any], typed: str, says: str) -> None:
    schema = {"type": "object", "properties": {"it": part}, "required": ["it"]}
    form = AnswerForm(schema, {"answer-f0": typed})
    assert not form.is_valid()
    assert [str(error).replace('"', "").replace("“", "").replace("”", "") for error in form.errors["f0"]] == [
        says.replace("“", "").replace("”", "")
    ]


def test_what_may_be_null_may_be_left_out() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        "required": ["a"],
    }
    form = AnswerForm(schema, {})
    assert form.is_valid(), form.errors
    assert form.answer() == {"a": None}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": 5},
        {"type": "object", "properties": 5},
        {"type": "object", "properties": {"a": {"enum": 5}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}},
        {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/schema.json"}}},
        {"type": "array", "items": {"enum": "ab"}},
        {"oneOf": [{"const": 1}, {"type": "string"}]},
    ],
)
def test_a_schema_that_is_broken_still_gives_a_form_that_can_be_sent(schema: dict[str, Any]) -> None:
    assert AnswerForm(sound(schema)).as_div()
    form = AnswerForm(sound(schema), {"answer-f0": "1"})
    assert form.is_valid(), form.errors


def test_what_is_proposed_stands_in_the_form() -> None:
    tags = {"type": "array", "items": {"type": "string"}}
    schema = {"type": "object", "properties": {"amount": {"type": "number"}, "tags": tags}}
    html = AnswerForm(schema, given={"amount": 12.5, "tags": ["a", "b"]}).as_div()
    assert 'value="12.5"' in html
    assert "a\nb</textarea>" in html


def test_what_nobody_proposed_is_blank_and_not_null() -> None:
    schema = {"type": "object", "properties": {"outcome": {"type": "string"}, "output": {}}}
    form = AnswerForm(schema, given={"cost_micros": 20_000})
    assert ">\nnull<" not in form.as_div()
    assert [form[name].value() for name in form.paths] == [None, None]


def test_what_is_read_only_stays_as_proposed_whatever_is_sent() -> None:
    fixed = {"type": "string", "readOnly": True}
    schema = {"type": "object", "properties": {"reply": {"type": "string"}, "to": fixed}}
    proposal = {"reply": "Yes.", "to": "Kim"}
    names = {path: name for name, path in AnswerForm(schema, given=proposal).paths.items()}
    sent = QueryDict(mutable=True)
    blank = AnswerForm(schema, given=proposal)
    sent[blank.add_prefix(names[("reply",)])] = "No."
    sent[blank.add_prefix(names[("to",)])] = "Somebody else"
    form = AnswerForm(schema, sent, given=proposal)
    assert form.is_valid(), form.errors
    assert form.answer() == {"reply": "No.", "to": "Kim"}


def test_what_must_be_typed_as_json_begins_empty_whatever_is_known_of_the_customer() -> None:
    rows = {"type": "array", "items": {"type": "array"}}
    held: tuple[Json, ...] = ({}, [[1]])
    assert [AnswerForm(rows, given=given)["f0"].value() for given in held] == ["", "[\n  [\n    1\n  ]\n]"]
