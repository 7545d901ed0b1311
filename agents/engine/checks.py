"""Built-in checks. Each is as simple as it says: rules over words, no understanding claimed."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable

from agents.engine.guardrails import Draft, Finding
from agents.engine.words import empty_words, folded, sentences, stop_words, words

Check = Callable[[Draft], Finding]

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
PHONE = re.compile(
    r"(?<![\w+])(?:(?:\+\d{1,3}[ .-]?|\()\(?\d{1,4}\)?(?:[ .-]?\d{2,5}){2,4}|\d{3}[.-]\d{3}[.-]\d{4})(?!\d)"
)
CITED = re.compile(r"\[([\w.-]+)\]")
_FEWEST_STOP_WORDS = 3
_CLAIM_WORDS = 4
_SUPPORT = 0.5


def prohibited(terms: Iterable[str]) -> Check:
    """No listed term as a whole word or phrase, whatever its case, accents or invisible characters. Score 0 or 1."""
    listed = {term: " ".join(words(term)) for term in terms}

    def check(draft: Draft) -> Finding:
        text = f" {' '.join(words(draft.text))} "
        found = tuple(term for term, plain in listed.items() if f" {plain} " in text)
        return Finding(0.0 if found else 1.0, found)

    return check


def personal_data(allowed: Iterable[str] = ()) -> Check:
    """No e-mail address, phone number or payment card (Luhn), save those allowed. Score 0 or 1.

    Patterns only: phone numbers with +, brackets or as 555-555-0100; no names, no postal addresses, no unusual
    spellings. Evidence is masked.
    """
    fine = {folded(value) for value in allowed}

    def check(draft: Draft) -> Finding:
        text = draft.text
        found = [("e-mail address", value) for value in EMAIL.findall(text)]
        found += [("card number", value) for value in CARD.findall(text) if luhn(value)]
        found += [("phone number", value) for value in PHONE.findall(text)]
        seen = tuple(f"{what} {masked(value)}" for what, value in found if folded(value) not in fine)
        return Finding(0.0 if seen else 1.0, seen)

    return check


def language(*allowed: str) -> Check:
    """The share of stop words that belong to an allowed language (en, es, pt). Too few to tell scores 1."""

    def check(draft: Draft) -> Finding:
        seen = words(draft.text)
        counts = {code: sum(word in common for word in seen) for code, common in stop_words().items()}
        total = sum(counts.values())
        if total < _FEWEST_STOP_WORDS:
            return Finding(1.0, ("too few words to tell the language",))
        share = sum(counts.get(code, 0) for code in allowed) / total
        return Finding(round(share, 3), tuple(f"{code}: {count}" for code, count in counts.items() if count))

    return check


def citations(meant: Container[str] = ()) -> Check:
    """The share of claims that cite a retrieved passage which holds their numbers and half of their longer words.

    A claim is a sentence of four words or more that asks nothing and is no mere courtesy. Evidence names every claim
    without support, but for those that `meant` holds. Words are compared: a claim turned round by one of them passes.
    """

    def check(draft: Draft) -> Finding:
        claims = [one for one in sentences(draft.text) if _claims(one)]
        bare = tuple(claim for claim in claims if claim not in meant and not _supported(claim, draft))
        return Finding(round(1 - len(bare) / len(claims), 3) if claims else 1.0, bare)

    return check


def length(most: int, least: int = 1) -> Check:
    """Between `least` and `most` characters. Score 0 or 1."""

    def check(draft: Draft) -> Finding:
        size = len(draft.text.strip())
        return Finding(1.0 if least <= size <= most else 0.0, (f"{size} characters",))

    return check


def luhn(number: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B."""
    digits = [int(digit) for digit in number if digit.isdigit()][::-1]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def masked(value: str) -> str:
    """What is left of an address or a number when somebody who may not see it reads it."""
    return f"{value[0]}…{value[-2:]}"


def _claims(sentence: str) -> bool:
    said = words(CITED.sub("", sentence))
    asks = sentence.rstrip().endswith("?")
    return len(said) >= _CLAIM_WORDS and not asks and not empty_words().issuperset(said)


def _supported(claim: str, draft: Draft) -> bool:
    cited = [draft.passages[mark] for mark in CITED.findall(claim) if mark in draft.passages]
    known = set(words(" ".join(cited)))
    said = words(CITED.sub("", claim))
    if not cited or any(word[0].isdigit() and word not in known for word in said):
        return False
    longer = [word for word in said if len(word) > 3]
    return sum(word in known for word in longer) >= _SUPPORT * len(longer)
