"""Tone, by words that give it away: who is addressed how, shouting, exclamation marks, pictures."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from agents.engine.checks import Check
from agents.engine.guardrails import Draft, Finding
from agents.engine.words import stop_words, words

FORMAL, INFORMAL = "formal", "informal"
_BREAKS = {
    ("en", FORMAL): "hey guys gonna wanna gotta yeah yep nope awesome lol omg btw dude cheers",
    ("en", INFORMAL): "hereby herewith heretofore aforementioned pursuant esteemed whomsoever",
    ("es", FORMAL): "tú tu tus te ti contigo tuyo tuya tienes puedes quieres eres estás debes sabes vos tenés podés",
    ("es", INFORMAL): "usted ustedes",
    ("pt", FORMAL): "tu te ti teu tua teus tuas contigo vc vcs cê tá né",
    ("pt", INFORMAL): "senhor senhora senhores vossa prezado prezada",
}
BREAKS = {kind: frozenset(listed.split()) for kind, listed in _BREAKS.items()}
"""Words that do not go with a tone, by language and tone."""
_WORD = re.compile(r"[^\W\d_]+")
_SHOUTED = re.compile(r"\b[A-ZÁÉÍÓÚÂÊÔÃÕÇÑ]{4,}(?:\s+[A-ZÁÉÍÓÚÂÊÔÃÕÇÑ]{2,})+\b")


def spoken_language(text: str) -> str:
    """The language of `text` by its commonest words: en, es or pt; "" when they do not tell."""
    said = words(text)
    counts = {code: sum(word in common for word in said) for code, common in stop_words().items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] and list(counts.values()).count(counts[best]) == 1 else ""


def tone(wanted: Mapping[str, str], exclamations: int | None = None) -> Check:
    """In each language its tone (`formal`, `informal`), nothing shouted, at most so many exclamation marks.

    A formal text has no pictures either. By words, not by ear: irony passes. Score 0 or 1, with the words.
    """

    def check(draft: Draft) -> Finding:
        seen = tuple(dict.fromkeys(_seen(draft.text, wanted, exclamations)))
        return Finding(0.0 if seen else 1.0, seen)

    return check


def _seen(text: str, wanted: Mapping[str, str], exclamations: int | None) -> Iterator[str]:
    language = spoken_language(text)
    kind = wanted.get(language, "")
    breaks = BREAKS.get((language, kind), frozenset())
    plain = unicodedata.normalize("NFC", text)
    yield from (word for word in _WORD.findall(plain.lower()) if word in breaks)
    if kind == FORMAL:
        yield from (letter for letter in text if unicodedata.category(letter) == "So")
    if wanted:
        yield from _SHOUTED.findall(plain)
    if exclamations is not None and text.count("!") > exclamations:
        yield "!" * text.count("!")
