"""Reading: words, stems, sentences, language, and what a sentence asks for or denies."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from agents.rehearsal.lexicon import (
    CONCEPTS,
    DENIABLE,
    EXCLUSIONS,
    INTENTS,
    LANGUAGES,
    LETTERS,
    NEGATORS,
    OWNERS,
    STOPWORDS,
    SUFFIXES,
)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?!\[p\d)|(?<=\])\s+(?=[A-Z¿¡])|\n+")
_CLAUSE = re.compile(r"[,;]")
_NUMBERED = re.compile(r"^\[(\d{1,6})\][ \t]+(.+)$", re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:[>*•-]+|\d+[.)])\s+")


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


def keys(text: str) -> set[str]:
    """The keys of all words."""
    return {key(word) for word in words(text)}


def content(text: str) -> set[str]:
    """The keys of the words that carry meaning."""
    return {key(word) for word in words(text) if word not in STOPWORDS}


def sentences(text: str) -> list[str]:
    """Sentences and list items, without bullets; headings are left out."""
    lines = (line for line in _SENTENCE.split(text) if not line.lstrip().startswith("#"))
    return [clean for line in lines if (clean := _BULLET.sub("", line).replace("**", "").strip())]


def numbered(text: str) -> list[tuple[int, str]]:
    """The items of a list whose lines begin with a number in brackets."""
    return [(int(number), said.strip()) for number, said in _NUMBERED.findall(text)]


def bullets(text: str) -> list[str]:
    """The items of a bulleted or numbered list, without their marks."""
    return [_BULLET.sub("", line).strip() for line in text.splitlines() if _BULLET.match(line)]


def language(text: str) -> str:
    """en, es or pt by common words and letters; en when nothing speaks for another."""
    found = words(text)
    scores = {
        code: sum(word in common for word in found) + 2 * sum(map(text.count, LETTERS.get(code, "")))
        for code, common in LANGUAGES.items()
    }
    return max(scores, key=lambda code: scores[code])


def emphasis(text: str) -> dict[str, float]:
    """How much a key is asked for: most just after "I want to", half after "my", 0 after "without", less later on."""
    weights: dict[str, float] = {}
    for index, sentence in enumerate(sentences(text)):
        for clause in _CLAUSE.split(sentence):
            for word, weight in _weighted(words(clause)):
                weights[word] = max(weights.get(word, 0.0), weight / (1 + index / 4))
    return weights


def _weighted(found: list[str]) -> Iterator[tuple[str, float]]:
    since = {"intent": 5, "owner": 2, "denial": 3}
    for before, word in zip(["", *found], found, strict=False):
        pair = {before, word}
        denied = word in EXCLUSIONS or bool(pair & DENIABLE and pair & NEGATORS)
        for cue, met in (("intent", word in INTENTS), ("owner", word in OWNERS), ("denial", denied)):
            since[cue] = 0 if met else since[cue]
        if word not in STOPWORDS and word not in EXCLUSIONS:
            weight = 1 + 2 * max(0.0, 1 - since["intent"] / 5)
            yield key(word), 0.0 if since["denial"] < 3 else weight / 2 if since["owner"] < 2 else weight
            since = {cue: distance + 1 for cue, distance in since.items()}


def affirmed(text: str, wanted: set[str]) -> bool:
    """Whether a sentence mentions one of the wanted keys with no negation among the four words before it."""
    for sentence in sentences(text):
        found = words(sentence)
        for place, word in enumerate(found):
            if key(word) in wanted and not NEGATORS & set(found[max(0, place - 4) : place]):
                return True
    return False
