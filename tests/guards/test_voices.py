"""The policy's tone as it is for one brand and one region."""

from typing import Any

import pytest

from agents.engine.guardrails import Draft, judged
from agents.engine.schemas import problem
from agents.fleet.policy import SCHEMA
from agents.runs.guards.rules import guardrails_alone
from agents.runs.guards.voices import in_voice, voice_of

RULES: dict[str, Any] = {
    "tone": {"es": "formal"},
    "prohibited_terms": ["gratis"],
    "voices": [
        {"brand": "Alpina", "region": "MX", "exclamations": 1},
        {"brand": "*", "region": "mx", "tone": {"es": "informal"}, "exclamations": 0},
        {"brand": "Alpina", "region": "*", "never": ["barato"]},
    ],
}
YOU = "Puedes pedir el reembolso cuando quieres, te lo enviamos."
CHEAP = "El envío es barato para usted y el pago es con su tarjeta."
CASES: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    (YOU, {}, ("tone",)),
    (YOU, {"region": "MX"}, ()),
    (YOU, {"contact": {"country": "mx"}}, ()),
    (f"{YOU}!", {"region": "MX"}, ("tone",)),
    (f"{YOU}!", {"region": "MX", "brand": "ALPINA"}, ()),
    (CHEAP, {"region": "PE"}, ()),
    (CHEAP, {"region": "PE", "brand": "Alpina"}, ("prohibited terms",)),
    ("El envío es gratis para usted.", {"brand": "Alpina"}, ("prohibited terms",)),
]


@pytest.mark.parametrize(("text", "asked", "refused"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_a_text_is_held_against_the_voice_of_its_brand_and_region(
    text: str, asked: dict[str, Any], refused: tuple[str, ...]
) -> None:
    verdicts = judged(Draft(text), guardrails_alone(in_voice(RULES, voice_of(asked)))).verdicts
    assert tuple(one.name for one in verdicts if not one.passed) == refused


def test_the_policy_may_say_so_and_no_text_changes_without_it() -> None:
    assert not problem(SCHEMA, RULES)
    assert problem(SCHEMA, {"voices": [{"brand": "Alpina"}]})
    assert in_voice({"exclamations": 2}, ("alpina", "mx")) == {"exclamations": 2}


def test_a_voice_changes_only_what_it_says() -> None:
    voice = {"brand": "*", "region": "*", "tone": {"es": "informal"}}
    found = in_voice({"tone": {"en": "formal"}, "exclamations": 2, "voices": [voice]}, ("", ""))
    assert (found["tone"], found["exclamations"]) == ({"en": "formal", "es": "informal"}, 2)
