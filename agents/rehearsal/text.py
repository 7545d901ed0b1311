"""Reading: words, stems, sentences, language, and what a sentence asks for or denies."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from agents.rehearsal.lexicon import (
    CONCEPTS,
    EXCLUSIONS,
    INTENTS,
    LANGUAGES,
    LETTERS,
    NEGATORS,
    STOPWORDS,
    SUFFIXES,
    WISHES,
)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?!\[p\d)|(?<=\])\s+(?=[A-Z¿¡])|\n+")
_BULLET = re.compile(r"^[\s>*•-]+|^\s*\d+[.)]\s+")


def fold(text: str) -> str:
    """Lower case without accents, with straight apostrophes."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(c for c in bare if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words of a text; snake_case and camelCase names are taken apart."""
    return _WORD.findall(fold(_CAMEL.sub(" ", text)))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A light stem for three languages: one suffix off, no doubled last letter, at least three letters left."""
    root = next((word[: -len(s)] for s in SUFFIXES if word.endswith(s) and len(word) - len(s) >= 3), word)
    if len(root) > 3 and root[-1] == root[-2]:
        root = root[:-1]
    return root[:-1] + "i" if root.endswith("y") else root


_CONCEPT_OF = {stem(word): concept for concept, listed in CONCEPTS.items() for word in listed}


def key(word: str) -> str:
    """The concept a folded word stands for, else its stem."""
    root = stem(word)
    return _CONCEPT_OF.get(root, root)


def content(text: str) -> set[str]:
    """The keys of the words that carry meaning."""
    return {key(word) for word in words(text) if word not in STOPWORDS}


def sentences(text: str) -> list[str]:
    """Sentences and list items, without bullets; headings are left out."""
    lines = (line for line in _SENTENCE.split(text) if not line.lstrip().startswith("#"))
    return [clean for line in lines if (clean := _BULLET.sub("", line).strip())]


def language(text: str) -> str:
    """en, es or pt by common words and letters; en when nothing speaks for another."""
    found = words(text)
    scores = {
        code: sum(word in common for word in found) + 2 * sum(map(text.count, LETTERS.get(code, "")))
        for code, common in LANGUAGES.items()
    }
    return max(scores, key=lambda code: scores[code])


def emphasis(text: str) -> dict[str, float]:
    """How much each key is asked for: more just after "I want to", less in later sentences, 0 after "without"."""
    weights: dict[str, float] = {}
    for index, sentence in enumerate(sentences(text)):
        for word, weight in _weighted(words(sentence)):
            weights[word] = max(weights.get(word, 0.0), weight / (1 + index / 4))
    return weights


def _weighted(found: list[str]) -> Iterator[tuple[str, float]]:
    since_intent, since_denial = 5, 3
    for before, word in zip(["", *found], found, strict=False):
        if word in INTENTS:
            since_intent = 0
        if word in EXCLUSIONS or (word in WISHES and before in NEGATORS):
            since_denial = 0
        if word not in STOPWORDS and word not in EXCLUSIONS:
            yield key(word), 0.0 if since_denial < 3 else 1 + 2 * max(0.0, 1 - since_intent / 5)
            since_intent, since_denial = since_intent + 1, since_denial + 1


def affirmed(text: str, wanted: set[str]) -> bool:
    """Whether a sentence mentions one of the wanted keys with no negation among the four words before it."""
    for sentence in sentences(text):
        found = words(sentence)
        for place, word in enumerate(found):
            if key(word) in wanted and not NEGATORS & set(found[max(0, place - 4) : place]):
                return True
    return False
