"""What is stored is what a replay sees, whatever a model or a tool has put into it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.engine import State, digest
from agents.engine.state import storable

TEXT = st.text(st.sampled_from("aé😀\x00\ud800\\u0"), max_size=8)
NUMBER = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def as_jsonb(value: Any) -> Any:
    """What PostgreSQL's jsonb makes of a value: numbers are decimals, and large floats come back as integers."""

    def number(text: str) -> int | float:
        value = float(text)
        return int(value) if abs(value) >= 1e16 else value + 0.0

    return json.loads(json.dumps(value), parse_float=number)


@given(JSON)
def test_a_stored_value_keeps_its_digest_and_holds_nothing_postgresql_refuses(value: Any) -> None:
    kept = storable(value)
    text = json.dumps(kept, ensure_ascii=False)
    assert digest(as_jsonb(kept)) == digest(kept)
    assert storable(kept) == kept
    assert "\\u0000" not in text.replace("\\\\", "")
    text.encode("utf-8")


def test_tuples_and_number_keys_become_what_json_knows() -> None:
    assert storable({"a": (1, 2), 3: "x"}) == {"a": [1, 2], "3": "x"}


def test_hostile_text_is_cleaned_and_backslashes_stay() -> None:
    assert storable(["a\x00b", "c\ud800", r"d\u0000"]) == ["a�b", "c?", r"d\u0000"]


@pytest.mark.parametrize("value", [float("nan"), {1}, object()])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        storable(value)


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert len(digest(None)) == 64


def test_a_state_counts_visits_and_forgets_an_error_that_was_made_good() -> None:
    state = State("in").after("a", 1, "missed").after("a", 2)
    assert (state["input"], state["a"], state.visits, state.errors) == ("in", 2, {"a": 2}, {})
    assert (state.get("b"), "b" in state, "input" in state) == (None, False, True)
