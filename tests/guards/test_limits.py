"""Amounts, percentages and disclosures in real sentences."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from agents.engine.guardrails import Draft
from agents.runs.guards.limits import amounts, disclosures, number, percentages, within_amounts

SENTENCES = [
    ("We refund $1,250.50 today.", ["1250.50"]),
    ("Le devolvemos US$ 1.250,50 hoy.", ["1250.50"]),
    ("Devolvemos R$ 1.250 amanhã.", ["1250"]),
    ("You get 99 dollars or EUR 1 250.", ["99", "1250"]),
    ("Son S/ 45.90 o 30 soles.", ["45.90", "30"]),
    ("It takes 5 to 10 days and 2 forms.", []),
    ("Order #W1000001 of 2025.", []),
    ("Son 1.250,500 soles.", ["1250.5"]),
    ("It costs 12€, not 1.000.000 euros.", ["12", "1000000"]),
]


@pytest.mark.parametrize(("text", "found"), SENTENCES, ids=[str(n) for n in range(len(SENTENCES))])
def test_amounts_are_read_as_people_write_them(text: str, found: list[str]) -> None:
    assert [value for _said, value in amounts(text)] == [Decimal(one) for one in found]


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["en", "es", "pt_BR", "de"]))
def test_a_number_written_in_any_of_our_languages_is_read_back(value: Decimal, locale: str) -> None:
    assert number(format_decimal(value, format="#,##0.00", locale=locale)) == value


def test_percentages_are_found_in_words_and_signs() -> None:
    found = percentages("15 % off, 7,5% de descuento, 20 por ciento, 30 por cento, 5 percent, 3 people")
    assert [value for _said, value in found] == [Decimal(one) for one in ("15", "7.5", "20", "30", "5")]


def test_what_is_above_a_limit_is_named_and_what_has_none_passes() -> None:
    draft = Draft("You get $300 back and 40 % off.")
    assert within_amounts(None, None)(draft).score == 1
    assert within_amounts(300, 40)(draft).score == 1
    found = within_amounts(299.99, 39)(draft)
    assert (found.score, found.evidence) == (0, ("$300", "40 %"))


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Invest now.", ("Capital at risk",)),
        ("Invest now. Capital at risk!", ()),
        ("INVEST now, capital  at risk", ()),
        ("Our investors met.", ()),
        ("Invest now: capital at risky odds.", ("Capital at risk",)),
    ],
    ids=["missing", "said", "otherwise written", "another word", "half a word"],
)
def test_whoever_says_the_one_says_the_other(text: str, missing: tuple[str, ...]) -> None:
    assert disclosures([("invest", "Capital at risk")])(Draft(text)).evidence == missing
