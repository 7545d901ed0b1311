"""What a list of chat messages holds: the question, the marked passages, a draft to judge, tool results."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.rehearsal.lexicon import SECTION_OF
from agents.rehearsal.text import fold, language

_NAME = r"[^\W\d]+(?:[ _][^\W\d]+)?"
_HEADING = re.compile(
    rf"^[ \t]*(?:#+[ \t]*|\*\*)?(?P<label>{_NAME})(?:\*\*)?[ \t]*:\**|</?(?P<tag>{_NAME})>", re.MULTILINE
)
_LINE_MARKER = re.compile(r"(?m)^\W*\[(p\d+)\]")
_MARKER = re.compile(r"\[(p\d+)\]")
_FENCE = re.compile(r"(?m)^===+ [0-9a-f]{8,64}$\n?")
"""A line that fences data off, in the common way: it says nothing itself."""


@dataclass(frozen=True)
class Prompt:
    """One request, read. `passages` are (marker, text) pairs; the marker is empty for unmarked material."""

    question: str
    passages: tuple[tuple[str, str], ...]
    draft: str
    instructions: str
    said: str
    results: tuple[str, ...]

    @property
    def language(self) -> str:
        """Language of the question, the longest said when there is none."""
        return language(self.question or self.said)

    @property
    def material(self) -> str:
        """All passages as one text."""
        return "\n".join(text for _, text in self.passages)


def read(messages: Iterable[Mapping[str, Any]]) -> Prompt:
    """Take messages apart. What the user said last is the question; everything said is kept, newest first."""
    listed = [(str(m.get("role", "")), _FENCE.sub("", plain(m.get("content")))) for m in messages]
    asked = [text for role, text in listed if role == "user"]
    parts = [part for role, text in listed if role in ("system", "developer", "user") for part in _parts(text)]
    last = _parts(asked[-1]) if asked else []
    question = _joined(last, "question") or _joined(last, "") or _trailing(last)
    material = ((marker, text.removesuffix(question)) for kind, marker, text in parts if kind == "material")
    return Prompt(
        question=question,
        passages=tuple((marker, text) for marker, text in material if text),
        draft=_joined(parts, "draft"),
        instructions="\n".join(text for role, text in listed if role in ("system", "developer")),
        said="\n".join(reversed(asked)),
        results=tuple(_results(listed)),
    )


def plain(value: Any) -> str:
    """The text of a message's content, which may be a string, a list of parts, or nothing."""
    if isinstance(value, list):
        return "\n".join(str(part.get("text", "")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def markers(text: str) -> list[str]:
    """The passage markers cited in a text, in order, once each."""
    return list(dict.fromkeys(_MARKER.findall(text)))


def _parts(text: str) -> list[tuple[str, str, str]]:
    """(kind, marker, text) pieces: labelled or tagged sections, and in them the marked passages."""
    pieces, kind, start = [], "", 0
    for heading in _HEADING.finditer(text):
        label = fold(heading["label"] or heading["tag"]).replace(" ", "_")
        if label in SECTION_OF:
            pieces.append((kind, text[start : heading.start()]))
            kind, start = "" if heading[0].startswith("</") else SECTION_OF[label], heading.end()
    pieces.append((kind, text[start:]))
    pattern = _LINE_MARKER if _LINE_MARKER.search(text) else _MARKER
    return [part for kind, piece in pieces for part in _passages(kind, piece, pattern)]


def _passages(kind: str, text: str, pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    if kind == "draft":
        return [(kind, "", text.strip())]
    head, *rest = pattern.split(text)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return [(kind, "", head.strip()), *(("material", marker, body.strip()) for marker, body in pairs)]


def _joined(parts: list[tuple[str, str, str]], wanted: str) -> str:
    return "\n".join(text for kind, _, text in parts if kind == wanted and text)


def _trailing(parts: list[tuple[str, str, str]]) -> str:
    """The last paragraph, when a message is nothing but passages followed by an unlabelled question."""
    return parts[-1][2].rpartition("\n\n")[2].strip() if parts else ""


def _results(listed: list[tuple[str, str]]) -> list[str]:
    """Tool results since the user last spoke."""
    spoke = max((place for place, (role, _) in enumerate(listed) if role == "user"), default=-1)
    return [text for role, text in listed[spoke + 1 :] if role == "tool"]
