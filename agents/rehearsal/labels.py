"""Classification: which of the given labels a text speaks of, and by how much."""

import re
from collections.abc import Iterable

from agents.rehearsal.lexicon import FALLBACKS, LANGUAGES, STOPWORDS
from agents.rehearsal.text import content, emphasis, fold, key, language, words

Ranking = list[tuple[str, float]]
_ENOUGH = 0.4


def rank(text: str, labels: Iterable[str], explained: str = "") -> Ranking:
    """Labels with their scores, best first. `explained` may hold glosses such as "change: move or modify a booking".

    A word of the label counts in full, a word of its gloss by half, each divided among the labels that share it.
    """
    names = list(labels)
    if names and all(fold(name)[:2] in LANGUAGES and len(name) in (2, 5) for name in names):
        return sorted(((name, float(fold(name)[:2] == language(text))) for name in names), key=lambda pair: -pair[1])
    own = {name: {key(word) for word in words(name) if word not in STOPWORDS} for name in names}
    gloss = {name: content(_gloss(name, explained)) - own[name] for name in names}
    asked = emphasis(text)
    scores = [(name, _score(asked, own[name], own) + _score(asked, gloss[name], gloss) / 2) for name in names]
    return sorted(scores, key=lambda pair: (-pair[1], fold(pair[0]) not in FALLBACKS))


def choice(ranking: Ranking) -> str | None:
    """The best label; the fallback (other, unknown, …) when nothing scores; None when there is no fallback."""
    best, score = ranking[0]
    if score >= _ENOUGH:
        return best
    return next((name for name, _ in ranking if FALLBACKS & set(words(name))), None)


def confidence(ranking: Ranking) -> float:
    """From 0.3 (nothing matched) to 0.95, growing with the margin between the two best scores."""
    best = ranking[0][1] if ranking else 0.0
    if best < _ENOUGH:
        return 0.3
    second = ranking[1][1] if len(ranking) > 1 else 0.0
    return round(0.5 + 0.45 * (best - second) / best, 2)


def _score(asked: dict[str, float], wanted: set[str], everyone: dict[str, set[str]]) -> float:
    return sum(asked.get(k, 0.0) / sum(k in other for other in everyone.values()) for k in wanted)


def _gloss(name: str, explained: str) -> str:
    return " ".join(re.findall(rf"(?i)(?<!\w){re.escape(name)}[`\"'*]*\s*(?::|=|–|—|-|\()\s*([^;\n)]+)", explained))
