"""A small corpus in English, Spanish and Portuguese: what each guardrail lets through and what it stops."""

import pytest

from agents.engine.checks import Check, citations, language, length, personal_data, prohibited
from agents.engine.guardrails import Draft, Fallback, Guardrail, judged
from agents.engine.state import digest

PASSAGES = {
    "p1": "Refunds are paid back to the original card within 7 business days.",
    "p2": "El equipaje demorado se entrega en el domicilio del pasajero dentro de las 48 horas.",
    "p3": "O reembolso da taxa de embarque é feito em até 7 dias úteis.",
}


def score(check: Check, text: str) -> float:
    return check(Draft(text, PASSAGES)).score


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We GUARANTEE a full refund", ("guarantee",)),
        ("We guar\u200bantee it", ("guarantee",)),
        ("Es 100 % sin riesgo", ("sin riesgo",)),
        ("SIN  RIESGO alguno", ("sin riesgo",)),
        ("Resultado garantido!", ("garantido",)),
        ("A guaranteed seat", ()),
        ("Riesgo sin medida", ()),
    ],
)
def test_a_prohibited_term_is_found_in_any_dress_and_only_whole(text: str, found: tuple[str, ...]) -> None:
    assert prohibited(["guarantee", "sin riesgo", "garantido"])(Draft(text)).evidence == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to ana.perez+x@mail.example.com", ("e-mail address a…om",)),
        ("Card 4111 1111 1111 1111", ("card number 4…11",)),
        ("Tarjeta 4111-1111-1111-1111", ("card number 4…11",)),
        ("Your order number is 4111 1111 1111 1112", ()),
        ("Call +1 415 555 2671", ("phone number +…71",)),
        ("Llame al +51 987 654 321", ("phone number +…21",)),
        ("Ligue para (11) 91234-5678", ("phone number (…78",)),
        ("Call 415-555-2671", ("phone number 4…71",)),
        ("Flight AA1234 on 2026-11-20 at 10:45, seat 12A, $1,250.00", ()),
        ("Write to help@rollcall.example", ()),
    ],
)
def test_personal_data_is_found_and_told_masked(text: str, found: tuple[str, ...]) -> None:
    assert personal_data(allowed=["help@rollcall.example"])(Draft(text)).evidence == found


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Thank you for your message. We have booked the seat for you and it will be ready by noon.", "en"),
        ("Gracias por su mensaje. Hemos reservado el asiento para usted y estará listo al mediodía.", "es"),
        ("Obrigado pela sua mensagem. Reservamos o assento para você e ele estará pronto ao meio-dia.", "pt"),
    ],
)
def test_the_language_of_a_text_is_told_from_its_stop_words(text: str, spoken: str) -> None:
    for code in ("en", "es", "pt"):
        assert (score(language(code), text) >= 0.6) == (code == spoken), (code, score(language(code), text))
    assert score(language("en", "es", "pt"), text) == 1.0


def test_a_text_too_short_to_tell_passes_and_says_so() -> None:
    assert language("en")(Draft("Ok!")).evidence == ("too few words to tell the language",)
    assert score(language("en"), "Hay muy pocos.") == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your message. Refunds are paid to the original card within 7 business days. [p1] "
        "Please tell us if you need anything else.",
        "Gracias por su mensaje. El equipaje demorado se entrega en su domicilio dentro de las 48 horas [p2].",
        "Obrigado pela sua mensagem. O reembolso da taxa de embarque é feito em até 7 dias úteis. [p3] "
        "Avise se precisar de mais alguma coisa.",
        "Could you tell us your booking number?",
    ],
)
def test_a_claim_with_its_source_is_supported(text: str) -> None:
    assert citations()(Draft(text, PASSAGES)).evidence == ()


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Refunds are paid within 7 business days.", "Refunds are paid within 7 business days."),
        ("Refunds are paid within 9 business days [p1].", "Refunds are paid within 9 business days [p1]."),
        ("Your pilot will bring champagne tonight [p1].", "Your pilot will bring champagne tonight [p1]."),
        ("Refunds are paid within 7 business days [p9].", "Refunds are paid within 7 business days [p9]."),
        ("Su vuelo sale mañana a las ocho.", "Su vuelo sale mañana a las ocho."),
        ("Thank you, your refund is approved.", "Thank you, your refund is approved."),
        ("O reembolso é feito em até 7 dias úteis. [p3] Também pagamos um hotel.", "Também pagamos um hotel."),
    ],
)
def test_a_claim_without_support_is_named(text: str, bare: str) -> None:
    assert citations()(Draft(text, PASSAGES)).evidence == (bare,)


def test_citations_score_the_share_of_supported_claims() -> None:
    text = "Refunds are paid to the original card within 7 business days. [p1] We also pay for your hotel tonight."
    assert score(citations(), text) == 0.5


def test_a_text_has_its_bounds() -> None:
    assert [score(length(10), text) for text in ("", "  ", "fine", "far too long a text")] == [0.0, 0.0, 1.0, 0.0]


HOUSE = (
    Guardrail("prohibited terms", prohibited(["guarantee"]), 1.0, Fallback.RETRY),
    Guardrail("personal data", personal_data(), 1.0, Fallback.ESCALATE),
    Guardrail("citations", citations(), 0.9, Fallback.ADJUST),
)


def test_a_text_that_passes_everything_is_publishable_and_the_record_is_of_just_this_text() -> None:
    text = "Refunds are paid to the original card within 7 business days [p1]."
    record = judged(Draft(text, PASSAGES), HOUSE)
    assert (record.publishable, record.text_sha256 == digest(text)) == (True, True)
    assert judged(Draft(text + "!", PASSAGES), HOUSE).text_sha256 != record.text_sha256


def test_one_failed_guardrail_is_enough() -> None:
    record = judged(Draft("We guarantee it, write to a@b.example", PASSAGES), HOUSE)
    assert [one.passed for one in record.verdicts] == [False, False, False]
    assert not record.publishable
    told = record.as_json()["verdicts"][0]
    assert told == {
        "name": "prohibited terms",
        "passed": False,
        "score": 0.0,
        "threshold": 1.0,
        "evidence": ["guarantee"],
        "fallback": "retry",
    }


def test_nothing_is_publishable_without_a_verdict() -> None:
    assert not judged(Draft("Hello"), ()).publishable
