"""Tone by language, on real sentences."""

from unicodedata import normalize

import pytest

from agents.engine.guardrails import Draft
from agents.runs.guards.tone import spoken_language, tone

FORMAL = {"en": "formal", "es": "formal", "pt": "formal"}
INFORMAL = {"en": "informal", "es": "informal", "pt": "informal"}
CASES = [
    ("Thank you for your message, we will be in touch with you on Monday.", FORMAL, ()),
    ("Hey, the refund is on its way to you, awesome.", FORMAL, ("hey", "awesome")),
    ("Pursuant to the contract we have your money.", INFORMAL, ("pursuant",)),
    ("Usted recibirá el reembolso en la tarjeta con la que pagó.", FORMAL, ()),
    ("Puedes pedir el reembolso cuando quieres, te lo enviamos.", FORMAL, ("puedes", "quieres", "te")),
    ("Usted recibirá el reembolso en la tarjeta.", INFORMAL, ("usted",)),
    ("Você receberá o reembolso no seu cartão.", FORMAL, ()),
    ("Cê vai ver, o reembolso já está no teu cartão, tá.", FORMAL, ("cê", "teu", "tá")),
    ("Your refund is on the way to you 🎉", FORMAL, ("🎉",)),
    ("Your refund is on the way to you 🎉", INFORMAL, ()),
    (normalize("NFD", "Cê vai ver, o reembolso já está no teu cartão, tá."), FORMAL, ("cê", "teu", "tá")),
    ("YOUR REFUND IS LATE and that is our fault.", FORMAL, ("YOUR REFUND IS LATE",)),
    ("Ask NASA about the launch and you will know.", FORMAL, ()),
    ("Hey guys, your refund is awesome and it will be there.", {}, ()),
]


@pytest.mark.parametrize(("text", "wanted", "seen"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_what_breaks_the_tone_is_named(text: str, wanted: dict[str, str], seen: tuple[str, ...]) -> None:
    found = tone(wanted)(Draft(text))
    assert (found.evidence, found.score) == (seen, 0 if seen else 1)


def test_exclamation_marks_are_counted() -> None:
    assert tone({}, 1)(Draft("Great! It is done.")).score == 1
    assert tone({}, 1)(Draft("Great! It is done!")).evidence == ("!!",)
    assert tone({}, 0)(Draft("Great!")).score == 0
    assert tone({})(Draft("Great!!!")).score == 1


def test_a_text_too_short_to_tell_its_language_breaks_no_tone() -> None:
    assert spoken_language("Refund") == ""
    assert tone(FORMAL)(Draft("Hey")).score == 1


def test_where_words_of_two_languages_are_as_many_nobody_knows_which_it_is() -> None:
    assert [spoken_language(text) for text in ("the of el las", "the of el")] == ["", "en"]


def test_where_no_tone_is_wanted_nobody_shouts() -> None:
    shouted = Draft("PLEASE READ THIS NOW.")
    assert [tone(wanted)(shouted).score for wanted in ({}, {"en": "formal"})] == [1.0, 0.0]
