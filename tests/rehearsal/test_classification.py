"""Labels are chosen by what a message asks for, in three languages."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.rehearsal.asking import field, filled

TOPIC = {"type": "string", "enum": ["booking", "cancellation", "change", "baggage", "refund", "other"]}
RUNS = Path(__file__).resolve().parents[3] / "shared/data/tau-airline/gpt-4o-runs.json"


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        ("I'd like to book a flight from New York to Seattle.", "booking"),
        ("I want to modify a flight booking I made for a trip.", "change"),
        ("I need to cancel my flights and get a refund, please.", "cancellation"),
        ("My suitcase never arrived.", "baggage"),
        ("Where is my money? I want a refund.", "refund"),
        ("What is the balance of my gift cards?", "other"),
        ("I don't want to cancel, I want to change my seat.", "change"),
        ("Quiero cancelar mi vuelo a Bogotá.", "cancellation"),
        ("Necesito cambiar mi vuelo para el 24 de mayo.", "change"),
        ("¿Cuántas maletas puedo llevar?", "baggage"),
        ("No quiero cancelar, quisiera un reembolso.", "refund"),
        ("Olá, gostaria de cancelar minha reserva.", "cancellation"),
        ("Preciso mudar o meu voo para amanhã.", "change"),
        ("Quero reservar um voo para Lisboa.", "booking"),
        ("Não quero mudar a data, quero o estorno da passagem.", "refund"),
    ],
)
def test_the_topic_is_what_the_customer_asks_for(message: str, topic: str) -> None:
    assert field(TOPIC, message, "category") == topic


def test_confidence_grows_with_the_margin() -> None:
    schema = {"type": "object", "properties": {"confidence": {"type": "number"}, "category": TOPIC}}
    clear = filled(schema, "Please cancel my flight.")["confidence"]
    torn = filled(schema, "I want to cancel or change, either.")["confidence"]
    nothing = filled(schema, "Good morning to all of you.")["confidence"]
    assert clear > torn > nothing


def test_a_label_is_found_by_its_gloss() -> None:
    glossed = {"type": "string", "enum": ["A1", "B2"], "description": "A1: questions on invoices; B2: broken devices"}
    assert field(glossed, "My phone screen is broken") == "B2"
    bare = {"type": "string", "enum": ["A1", "B2"]}
    assert field(bare, "I do not understand this invoice", system="A1 - questions on invoices\nB2 - devices") == "A1"


def test_several_labels_are_given_when_several_are_asked_for() -> None:
    topics = {"type": "array", "items": TOPIC, "maxItems": 3}
    assert set(field(topics, "I want to cancel, I need a refund.")) == {"cancellation", "refund"}


def test_the_language_is_a_label_like_any_other() -> None:
    codes = {"type": "string", "enum": ["en", "es", "pt-BR"]}
    assert [
        field(codes, text) for text in ("Where is my bag?", "¿Dónde está mi maleta?", "Onde está a minha mala?")
    ] == [
        "en",
        "es",
        "pt-BR",
    ]


@pytest.mark.skipif(not RUNS.exists(), reason="the tau-airline runs are not on this machine")
def test_real_opening_messages_get_the_topic_they_plainly_name() -> None:
    runs = json.loads(RUNS.read_text())
    opened = {next(m["content"] for m in run["traj"] if m["role"] == "user") for run in runs}
    plain = {
        "cancellation": ("to cancel my flight",),
        "booking": ("to book a flight", "to book the same", "to book a one-way"),
        "change": ("to change my", "to modify my", "some changes to", "to downgrade", "to reschedule", "to adjust my"),
        "other": ("balances", "total balance", "been delayed", "was delayed"),
    }
    told = [(topic, text) for text in opened for topic, cues in plain.items() if any(cue in text for cue in cues)]
    wrong = [(topic, got, text) for topic, text in told if (got := field(TOPIC, text, "category")) != topic]
    assert Counter(topic for topic, _ in told).keys() == plain.keys()
    assert len(told) > 70
    assert wrong == []
