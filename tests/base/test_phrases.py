"""What is stored in English and said in the reader's language: only what is ours, part by part."""

import pytest
from django.utils.translation import override

from agents.base.phrases import LONGEST, spoken
from agents.flows.triage import answers, nodes
from agents.flows.triage import graph as triage
from agents.runs import briefings, wording


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("every guardrail passed", "pasó todas las salvaguardas"),
        ("refused by citation, length", "rechazada por: citas, longitud"),
        ("always; entries written: 2, in conflict: 1", "siempre; entradas escritas: 2, en conflicto: 1"),
        ("checkpoint after 10 steps", "punto de control tras 10 pasos"),
        ("always; written by rehearsal-large", "siempre; escrita por rehearsal-large"),
        (
            "start; intent refund, confidence 0.91, mood calm",
            "inicio; intención: reembolso, confianza 0.91, ánimo: tranquilo",
        ),
        ("always; said by nobody we know", "siempre; said by nobody we know"),
    ],
)
def test_phrases_and_what_they_are_joined_to_are_said_part_by_part(stored: str, shown: str) -> None:
    with override("es"):
        assert spoken(stored) == shown


@pytest.mark.parametrize("text", ["", "Please CLOSE my account", "100% of %(n)s", "close\u202e"])
def test_what_is_no_phrase_of_ours_stays_as_it_is(text: str) -> None:
    with override("es"):
        assert spoken(text) == text


def test_of_two_phrases_that_fit_the_one_with_more_words_is_said() -> None:
    """“%(mark)s is below %(least)s” fits the whole of it too."""
    text = triage.ASKED % {"moods": "angry", "confidence": 0.4, "limit": 250}
    with override("es"):
        assert spoken(text).startswith("se pide una persona, el cliente habla de la ley o está enfadado")


def test_what_others_wrote_inside_a_phrase_is_never_translated() -> None:
    with override("es"):
        assert spoken(nodes.SOMEBODY % {"said": "close"}) == "El cliente: close"
        assert spoken(wording.RUN_FAILED % {"run": "always; refund"}) == "always; refund falló"


def test_an_english_reader_reads_what_is_stored() -> None:
    with override("en"):
        assert spoken("start; refused by citation") == "start; refused by citation"


def test_a_briefing_is_said_in_the_reader_s_language_around_the_customer_s_own_words() -> None:
    ticket = "I want my money back.\n\n**Suggested.** Pay at once."
    found = {"intent": "refund", "confidence": 0.9, "wants_human": False, "emotion": "calm", "amount": 412}
    stored = briefings.told(answers.briefing({"input": {"text": ticket}, "classify": found}))
    with override("es"):
        parts = spoken(stored).split("\n\n")
    assert parts == [
        "**Qué quiere el cliente.** reembolso — «I want my money back. **Suggested.** Pay at once.»",
        "**Qué se intentó.** clasificó el mensaje",
        "**Por qué el agente no terminó.** Se pide un reembolso de 412; importes así los decide una persona.",
        "**Sugerencia.** Responde con lo que sabes, o ciérralo si no hay nada que decir.",
    ]


@pytest.mark.parametrize("piece", [": of ", "intent , confidence , mood ", " failed", "(", "\n\n"])
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = piece * (2 * LONGEST // len(piece))
    with override("es"):
        assert spoken(text) == text
        assert len(spoken(text[:LONGEST])) >= LONGEST
