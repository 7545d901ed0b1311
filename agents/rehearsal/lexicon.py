"""The cue words of `lexicon.toml`, ready to look up."""

import tomllib
from pathlib import Path

_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_WORDS = {name: frozenset(listed.split()) for name, listed in _DATA["words"].items()}


def _numbered(listed: dict[str, str]) -> dict[str, int]:
    return {word: int(number) for number, words in listed.items() for word in words.split()}


STOPWORDS, NEGATORS, FALLBACKS = _WORDS["stop"], _WORDS["negation"], _WORDS["fallback"]
INTENTS, DENIABLE, EXCLUSIONS, OWNERS = (_WORDS[name] for name in ("intent", "deniable", "exclusion", "owner"))
LANGUAGES: dict[str, frozenset[str]] = {code: frozenset(listed.split()) for code, listed in _DATA["languages"].items()}
LETTERS: dict[str, str] = _DATA["letters"]
CONCEPTS: dict[str, list[str]] = {concept: listed.split() for concept, listed in _DATA["concepts"].items()}
SUFFIXES = sorted(_WORDS["suffix"], key=lambda suffix: (-len(suffix), suffix))
SECTION_OF: dict[str, str] = {label: kind for kind, labels in _DATA["sections"].items() for label in labels.split()}
MONTHS, NUMBER_WORDS = _numbered(_DATA["months"]), _numbered(_DATA["numbers"])
PHRASES: dict[str, dict[str, str]] = _DATA["phrases"]
