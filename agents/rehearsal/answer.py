"""Extractive answers: the sentences of the material that speak of the question, with their markers."""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agents.rehearsal.lexicon import PHRASES
from agents.rehearsal.prompt import Prompt, markers
from agents.rehearsal.text import content, emphasis, language, sentences, words

_RECORDS = re.compile(r"(?s)<(?:records|history)>\n(.*?)\n</(?:records|history)>")
_TELLING = re.compile(r"^(order|ticket|booking)_id$|(^|_)(status|state|total)$")
_REPORTED = re.compile(r'(?m)^\[finding\] (.+)$|"finding": ("(?:[^"\\]|\\.)+")')


@dataclass(frozen=True)
class Evidence:
    """A sentence of the material, the marker of its passage, and how well it fits the question."""

    marker: str
    sentence: str
    score: float


def evidence(question: str, passages: Sequence[tuple[str, str]], limit: int = 3) -> list[Evidence]:
    """The best sentences in the order of the material; none when they share too little with the question.

    Score: the summed idf (over the sentences given) of shared keys, weighted by how much the question asks for each.
    """
    asked = {word: weight for word, weight in emphasis(question).items() if weight}
    listed = [(marker, text, content(text)) for marker, body in passages for text in sentences(body)]
    seen = Counter(word for *_, found in listed for word in found)
    idf = {word: math.log(1 + len(listed) / count) for word, count in seen.items()}
    scored = [
        Evidence(marker, text, sum(idf[w] * asked[w] for w in found & asked.keys()))
        for marker, text, found in listed
        if len(found) > 1 and _enough(found & asked.keys(), asked)
    ]
    best = sorted(scored, key=lambda e: -e.score)[:limit]
    kept = [e for e in best if e.score >= 0.6 * best[0].score]
    return [e for e in scored if e in kept]


def _enough(shared: set[str], asked: dict[str, float]) -> bool:
    return len(shared) > 1 or (len(shared) == 1 and len(asked) <= 2)


def compose(prompt: Prompt) -> str:
    """A polite answer in the language of the question, or a plain statement that the material holds none.

    What the material says in that language goes before what it says in others.
    """
    phrases = PHRASES[prompt.language]
    if prompt.results:
        return _from_results(prompt)
    if not prompt.passages and (told := reported(prompt.said)):
        return " ".join([phrases["opening"], *told, phrases["closing"]])
    same = [(marker, text) for marker, text in prompt.passages if language(text) == prompt.language]
    found = evidence(prompt.question, same) or evidence(prompt.question, prompt.passages)
    if not found:
        return f"{phrases['result']} {kept}" if (kept := recorded(prompt.said)) else phrases["unsupported"]
    cited = (f"{e.sentence} [{e.marker}]" if e.marker else e.sentence for e in found)
    return " ".join([phrases["opening"], *cited, phrases["closing"]])


def reported(text: str) -> list[str]:
    """What others say they found, where a text labels it so: “[finding] …” or "finding": "…"; each once."""
    return list(dict.fromkeys(line or json.loads(value) for line, value in _REPORTED.findall(text)))


def recorded(text: str) -> str:
    """What the last record that was read or changed is and how it stands; "" where there is none."""
    for listed in _RECORDS.findall(text):
        try:
            last = json.loads(listed)[-1]
        except (ValueError, LookupError):
            continue
        record = last.get("result", last) if isinstance(last, dict) else None
        named = record.items() if isinstance(record, dict) else ()
        if facts := {name: said for name, said in named if said and _TELLING.search(name)}:
            return _told(json.dumps(facts))
    return ""


def _from_results(prompt: Prompt) -> str:
    phrases, result = PHRASES[prompt.language], prompt.results[-1]
    opening = phrases["failed" if "error" in words(result[:200]) else "result"]
    return f"{opening} {_told(result)}"


def _told(result: str) -> str:
    try:
        value = json.loads(result)
    except ValueError:
        return " ".join(sentences(result)[:3])
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {_short(item)}" for name, item in value.items()) + "."
    return _short(value)


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def unsupported(prompt: Prompt) -> list[str]:
    """The sentences of the draft that the material does not carry: new words, a new number, an unknown marker."""
    return [sentence for sentence, carried in _judged(prompt) if not carried]


def support(prompt: Prompt) -> float:
    """The share of the draft's telling sentences that the material carries; 0 when it tells nothing."""
    telling = [carried for sentence, carried in _judged(prompt) if len(content(sentence)) > 1]
    return sum(telling) / len(telling) if telling else 0.0


def _judged(prompt: Prompt) -> list[tuple[str, bool]]:
    known, marked = content(prompt.material), {marker for marker, _ in prompt.passages}
    return [(sentence, _carried(sentence, known, marked)) for sentence in sentences(prompt.draft)]


def _carried(sentence: str, known: set[str], marked: set[str]) -> bool:
    named = set(markers(sentence))
    said = content(sentence) - named
    if not named <= marked:
        return False
    return len(said) < 2 or (len(said & known) >= 0.6 * len(said) and {w for w in said if w.isdigit()} <= known)
