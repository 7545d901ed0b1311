"""Words of ours that are kept in English in rows and said in the reader's language where they are shown.

A night's rows are written before anybody reads them: what a flow, the engine or a worker says of itself is stored as it
is defined, pinned with the run, and put into the reader's language by `spoken`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language, gettext

LONGEST = 4000
"""Characters of a text that is still compared with phrases that have placeholders."""
PLACE = re.compile(r"%\((\w+)\)s")
WHOLE, INSIDE = ("\n\n", "; "), ("\n", "; ", ": ", ", ")
"""What joins phrases in a text and inside a placeholder."""
SHORT = 200
"""Characters of a text whose words are kept: the same titles and reasons are said again and again."""
_fixed: set[str] = set()


@dataclass(frozen=True, slots=True)
class Form:
    """A phrase with placeholders: its longest words, which say quickly that a text is not of it, and its pattern."""

    words: str
    pattern: re.Pattern[str]
    inner: tuple[str, ...]


_open: dict[str, Form] = {}


def phrase(msgid: str, *inner: str) -> str:
    """`msgid` as it is, from now on known to `spoken` and, in the source, to the catalogues.

    Its placeholders are of the form %(name)s. `inner`: those that are filled with phrases themselves.
    """
    if PLACE.search(msgid):
        _open[msgid] = Form(max(PLACE.split(msgid)[::2], key=len), _pattern(msgid), inner)
    else:
        _fixed.add(msgid)
    _kept.cache_clear()
    _forms.cache_clear()
    return msgid


def _pattern(msgid: str) -> re.Pattern[str]:
    """Each placeholder but the last ends where the next words first come, for good: hostile texts cost no more."""
    first, *rest = PLACE.split(msgid)
    parts = [f"(?P<{name}>.+?){re.escape(words)}" for name, words in zip(rest[::2], rest[1::2], strict=True)]
    return re.compile(re.escape(first) + "".join(f"(?>{part})" for part in parts[:-1]) + parts[-1], re.DOTALL)


@lru_cache(1)
def _forms() -> list[tuple[str, Form]]:
    """The phrase with most words of its own first: a short one with two placeholders fits many a longer one's text."""
    return sorted(_open.items(), key=lambda each: -len(PLACE.sub("", each[0])))


def spoken(text: str) -> str:
    """`text` in the reader's language where it, or a part of it, is a phrase; everything else stays as it is."""
    return _kept(text, get_language()) if len(text) <= SHORT else _said(text, WHOLE)


@lru_cache(4096)
def _kept(text: str, _language: str | None) -> str:
    return _said(text, WHOLE)


def _said(text: str, joints: tuple[str, ...]) -> str:
    whole = _phrased(text)
    if whole is not None:
        return whole
    for place, joint in enumerate(joints, start=1):
        if joint in text:
            return joint.join(_said(part, joints[place:]) for part in text.split(joint))
    return text


def _phrased(text: str) -> str | None:
    if text in _fixed:
        return gettext(text)
    for msgid, form in _forms() if len(text) <= LONGEST else ():
        if form.words in text and (found := form.pattern.fullmatch(text)):
            return gettext(msgid) % _filled(found.groupdict(), form.inner)
    return None


def _filled(values: Mapping[str, str], inner: tuple[str, ...]) -> dict[str, str]:
    return {name: _said(value, INSIDE) if name in inner else value for name, value in values.items()}
