"""The policy's rules as guardrails: each with its check, its threshold, and what happens below it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Json
from agents.engine.checks import citations, language, length, personal_data, prohibited
from agents.engine.guardrails import Draft, Fallback, Finding, Guardrail
from agents.fleet.policy import GUARDRAILS
from agents.runs.guards.limits import disclosures, within_amounts
from agents.runs.guards.records import on_record
from agents.runs.guards.tone import tone
from agents.runs.sampling import largest

Rules = Mapping[str, Json]
TERMS, PERSONAL, LANGUAGE = phrase("prohibited terms"), phrase("personal data"), phrase("language")
TONE, CITATION, LENGTH = phrase("tone"), phrase("citation"), phrase("length")
RECORD = phrase("record")
AMOUNT, LEGAL, DISCLOSURE = phrase("amount"), phrase("legal"), phrase("disclosure")
SUPERVISION, SAMPLE = phrase("supervision"), phrase("sample")
NOT_LIVE = phrase("The agent is not live: a person looks at what it writes before it leaves.")
NOT_GOOD_ENOUGH = phrase(
    "Such runs were not good enough lately: a person looks at what this one writes before it leaves."
)
DRAWN = phrase("Drawn by lot: a person looks at it before it leaves.")
LANGUAGES = ("en", "es", "pt")
_LEGAL_WORDS = (
    "we are liable, we accept liability, admit liability, admit fault, legal action, waive your rights",
    "breach of contract, court order, class action, statute of limitations",
    "asumimos la responsabilidad legal, acciones legales, renuncia a sus derechos, incumplimiento de contrato",
    "orden judicial, assumimos a responsabilidade legal, ação judicial, medidas judiciais",
    "renuncia aos seus direitos, quebra de contrato, ordem judicial",
)
LEGAL_WORDS = tuple(", ".join(_LEGAL_WORDS).split(", "))
"""Words that bind in law, unless the policy names others."""
TRUST, SPOKEN = 0.8, 0.5
ALONE = (TERMS, LANGUAGE, TONE, AMOUNT, LEGAL, DISCLOSURE)
"""What can be told of a text without knowing whom it is for or what it rests on."""


def guardrails(rules: Rules) -> list[Guardrail]:
    """Everything a text of ours passes before it is published."""
    return [_as_told(one, rules) for one in _shipped(rules)]


SUPERVISED = Guardrail(SUPERVISION, lambda draft: Finding(0, (NOT_LIVE,)), 1, Fallback.ESCALATE)
"""Passed by no text: of an agent that is not live, a person sees each before anybody else."""

DOUBTED = replace(SUPERVISED, check=lambda draft: Finding(0, (NOT_GOOD_ENOUGH,)))
"""The same, where a plan leaves the last word to a person (R-060)."""


def sample_guardrail(least: float) -> Guardrail:
    """Passed by no text that names this much money or more: the lot fell on its run."""

    def check(draft: Draft) -> Finding:
        return Finding(0, (DRAWN,)) if largest([draft.text]) >= least else Finding(1)

    return Guardrail(SAMPLE, check, 1, Fallback.ESCALATE)


def record_guardrail(known: Iterable[Json], states: Collection[str]) -> Guardrail:
    """What a text says of records against those the run has read; what does not hold goes to a person."""
    return Guardrail(RECORD, on_record(known, states), 1, Fallback.ESCALATE)


def guardrails_alone(rules: Rules) -> list[Guardrail]:
    """What another system's text can be held against; nobody writes it again, so each asks for a person."""
    return [replace(one, fallback=Fallback.ESCALATE) for one in guardrails(rules) if one.name in ALONE]


def _shipped(rules: Rules) -> list[Guardrail]:
    within = within_amounts(rules.get("most_amount"), rules.get("most_percent"))
    spoken = language(*(_texts(rules.get("languages")) or LANGUAGES))
    pairs = [(each["when"], each["say"]) for each in rules.get("disclosures", ())]
    return [
        Guardrail(TERMS, prohibited(_texts(rules.get("prohibited_terms"))), 1, Fallback.RETRY),
        Guardrail(PERSONAL, personal_data(_texts(rules.get("known_addresses"))), 1, Fallback.ESCALATE),
        Guardrail(LANGUAGE, spoken, SPOKEN, Fallback.RETRY),
        Guardrail(TONE, tone(rules.get("tone", {}), rules.get("exclamations")), 1, Fallback.RETRY),
        Guardrail(CITATION, citations(), TRUST, Fallback.RETRY),
        Guardrail(LENGTH, length(rules.get("longest_reply", 1500)), 1, Fallback.RETRY),
        Guardrail(AMOUNT, within, 1, Fallback.ESCALATE),
        Guardrail(LEGAL, prohibited(_texts(rules.get("legal_words", LEGAL_WORDS))), 1, Fallback.ESCALATE),
        Guardrail(DISCLOSURE, disclosures(pairs), 1, Fallback.RETRY),
    ]


def _as_told(shipped: Guardrail, rules: Rules) -> Guardrail:
    """With the threshold and the fallback that the policy names for it."""
    told: Mapping[str, Any] = rules.get(GUARDRAILS, {}).get(shipped.name, {})
    return replace(
        shipped,
        threshold=told.get("threshold", shipped.threshold),
        fallback=Fallback(told.get("fallback", shipped.fallback)),
    )


def _texts(given: Json) -> Sequence[str]:
    return [str(each) for each in given] if isinstance(given, list | tuple) else []
