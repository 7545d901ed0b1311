"""Personal data in what is shown: what of a text and of JSON is masked, and for whom."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from agents.base.cells import safe_cell
from agents.base.ids import uuid7
from agents.base.personal import HIDDEN, is_masking, masking, note_fields, still, told, told_in
from agents.base.untrusted import plain_untrusted, render_untrusted

SAID = "Kim: kim@lee.example, +49 170 1234567, 4111 1111 1111 1111."
AS_MASKED = "Kim: k…le, +…67, 4…11."


def nobody() -> frozenset[str]:
    return frozenset()


def test_without_a_mask_everything_is_said() -> None:
    assert not is_masking()
    assert (told(SAID), told_in({"a": SAID})) == (SAID, {"a": SAID})


def test_addresses_and_numbers_are_masked_wherever_others_texts_are_shown() -> None:
    with masking(nobody):
        assert told(SAID) == plain_untrusted(SAID) == safe_cell(SAID) == AS_MASKED
        assert "kim@lee" not in render_untrusted(f"**{SAID}**")
        assert told_in({"list": [{"deep": SAID}], "n": 1}) == {"list": [{"deep": AS_MASKED}], "n": 1}
    assert not is_masking()


def test_the_team_s_own_addresses_stay() -> None:
    with masking(lambda: {"amelia@northwind.example"}):
        assert told("Amelia@northwind.example, kim@lee.example") == "Amelia@northwind.example, k…le"


def test_what_stands_in_a_field_that_was_declared_is_hidden_whole() -> None:
    note_fields(["test_home"])
    with masking(nobody):
        found = told_in({"test_home": {"street": "1 Main St", "more": ["Lima", None]}, "street": "1 Main St"})
    assert found == {"test_home": {"street": HIDDEN, "more": [HIDDEN, None]}, "street": "1 Main St"}


@given(st.binary(min_size=32, max_size=32))
def test_no_hash_is_taken_for_a_card(digest: bytes) -> None:
    with masking(nobody):
        assert told(digest.hex()) == digest.hex()


def test_neither_ids_nor_times_nor_amounts_are_taken_for_personal_data() -> None:
    digits = "019ee3a1-1234-7234-8234-123456789016"  # the last two parts are a card's number by its check digit
    plain = f"{uuid7()} {digits} 2026-11-21T17:58:00.123456+00:00 #W1000001 1,234,567.89 order 4111111111111112"
    with masking(nobody):
        assert told(plain) == plain


def test_a_key_is_masked_as_a_text_is() -> None:
    with masking(nobody):
        assert told_in({"kim@lee.example": [{"sent": True}], "n": 1}) == {"k…le": [{"sent": True}], "n": 1}


def test_what_is_streamed_after_the_request_keeps_the_mask_of_the_request() -> None:
    def lines() -> Iterator[str]:
        yield told(SAID)
        yield told(SAID)

    with masking(nobody):
        streamed = still(lines())
    assert list(streamed) == [AS_MASKED, AS_MASKED]
    assert not is_masking()


def test_a_mask_within_a_mask_ends_with_itself() -> None:
    with masking(nobody):
        with masking(None):
            assert told(SAID) == SAID
        assert told(SAID) == AS_MASKED
