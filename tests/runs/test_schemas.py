"""Schemas of other systems: what is held against an answer, and that none of them holds up whoever asks."""

from typing import Any

import pytest

from agents.engine import Json
from agents.runs.schemas import MOST, is_beyond_judging, is_checked_in_part, is_sound, misfits

SLOW = "(a+)+$"
NOT_SO = "aaa!"
"""Does not match SLOW, and with forty letters would not within a year."""
OLDER = "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ({"pattern": SLOW}, NOT_SO),
        ({"propertyNames": {"pattern": SLOW}}, {NOT_SO: 1}),
        ({"patternProperties": {SLOW: {}}, "additionalProperties": False}, {NOT_SO: 1}),
        ({"patternProperties": {SLOW: {}}, "unevaluatedProperties": False}, {NOT_SO: 1}),
        ({"$ref": "#/const", "const": {"pattern": SLOW}}, NOT_SO),
        ({"$schema": OLDER, "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"pattern": SLOW}}}, {"a": "!"}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$schema": OLDER, "pattern": SLOW}}}, NOT_SO),
    ],
    ids=["pattern", "names", "properties", "the-others", "among-data", "another-draft", "another-draft-inside"],
)
def test_no_pattern_is_tried_wherever_it_stands(schema: dict[str, Any], answer: Json) -> None:
    assert is_sound(schema)
    assert [error for error in misfits(schema, answer) if error.validator != "const"] == []
    assert is_checked_in_part(schema)


def test_beside_a_pattern_all_else_is_judged() -> None:
    schema = {"properties": {"a": {"pattern": SLOW, "maxLength": 3}}, "required": ["b"], "additionalProperties": False}
    assert sorted(str(one.validator) for one in misfits(schema, {"a": NOT_SO, "c": 1})) == [
        "additionalProperties",
        "maxLength",
        "required",
    ]


def test_a_pattern_that_is_none_makes_no_schema_unsound() -> None:
    assert is_sound({"pattern": "("})


@pytest.mark.parametrize(
    "schema",
    [{"pattern": SLOW}, {"anyOf": [{"patternProperties": {}}]}, {"properties": {"pattern": {"pattern": SLOW}}}],
)
def test_whoever_answers_can_be_told_that_something_is_not_checked(schema: dict[str, Any]) -> None:
    assert is_checked_in_part(schema)


def test_a_field_called_pattern_is_none() -> None:
    assert not is_checked_in_part({"properties": {"pattern": {"type": "string"}}, "enum": ["pattern"]})


def test_of_a_schema_that_doubles_itself_again_and_again_no_more_than_so_many_rules_are_applied() -> None:
    doubling: dict[str, Any] = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}
    schema = {"$defs": doubling | {"a40": {}}, "$ref": "#/$defs/a0"}
    assert is_sound(schema)
    assert (misfits(schema, 1), is_beyond_judging(schema, 1)) == ([], True)


def test_a_long_answer_is_judged_to_its_end() -> None:
    answer = [0] * (MOST // 2) + ["one"]
    assert len(misfits({"items": {"type": "integer"}}, answer)) == 1


def test_what_goes_in_circles_or_is_too_deep_is_answered_all_the_same() -> None:
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"not": deep}
    assert not is_sound(deep)
    assert (misfits({"$ref": "#"}, 1), is_beyond_judging({"$ref": "#"}, 1)) == ([], True)


def test_a_reference_elsewhere_is_beyond_judging_once_an_answer_comes_to_it() -> None:
    schema = {"properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}}
    assert [is_beyond_judging(schema, answer) for answer in ({}, {"a": 1})] == [False, True]
