"""Documents are cut into passages without losing a word."""

from hypothesis import given
from hypothesis import strategies as st

from agents.fleet.passages import LONGEST, passages

WORDS = st.text("abc #\n", max_size=400)


def test_a_passage_stands_under_its_heading() -> None:
    found = [(p.title, p.text) for p in passages("Before.\n# One\r\n\r\nA.\r\n\r\nB.\n## Two ##\nC.\n# Empty\n")]
    assert found == [("", "Before."), ("One", "A.\n\nB."), ("Two", "C.")]


@given(st.lists(WORDS, max_size=20).map(" ".join))
def test_every_word_is_kept_and_no_passage_is_too_long(text: str) -> None:
    found = list(passages(text))
    assert all(0 < len(p.text) <= LONGEST for p in found)
    body = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    kept = " ".join(p.text for p in found)
    assert set(body.replace("#", " ").split()) <= set(kept.replace("#", " ").split())


@given(st.text("ab", min_size=1, max_size=5000))
def test_a_word_longer_than_a_passage_is_cut(word: str) -> None:
    assert "".join(p.text for p in passages(word)) == word
