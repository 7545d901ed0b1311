"""A document cut into citable passages: by heading, then by paragraph, none longer than a person reads at a glance."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 1200
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)


@dataclass(frozen=True)
class Passage:
    """A piece of text under the heading it stood under ("" before the first)."""

    title: str
    text: str


def passages(text: str) -> Iterator[Passage]:
    """The passages of a plain or Markdown text, in order; together they hold all of its words, headings as titles."""
    parts = HEADING.split(text.replace("\r\n", "\n"))
    titles = ["", *parts[1::2]]
    for title, body in zip(titles, parts[::2], strict=True):
        for piece in _pieces(body):
            yield Passage(title.strip()[:300], piece)


def _pieces(body: str) -> Iterator[str]:
    """Whole paragraphs together as long as they fit; a longer one is cut between words."""
    held = ""
    for paragraph in (p.strip() for p in re.split(r"\n\s*\n", body)):
        for part in _cut(paragraph):
            if held and len(held) + len(part) + 2 > LONGEST:
                yield held
                held = ""
            held = f"{held}\n\n{part}" if held else part
    if held:
        yield held


def _cut(paragraph: str) -> Iterator[str]:
    while len(paragraph) > LONGEST:
        at = max(paragraph.rfind(" ", 0, LONGEST), paragraph.rfind("\n", 0, LONGEST))
        at = at if at > 0 else LONGEST
        yield paragraph[:at]
        paragraph = paragraph[at:].lstrip()
    if paragraph:
        yield paragraph
