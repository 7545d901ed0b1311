"""Words of ours that are kept in English in rows and said in the reader's language where they are shown.

A night's rows are written before anybody reads them: what a flow, the engine or a worker says of itself is stored as it
is defined, pinned with the run, and put into the reader's language by `spoken`.
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext

LONGEST = 4000
"""Characters of a text that is still compared with phrases that have placeholders."""
PLACE = re.compile(r"%\((\w+)\)s")
WHOLE, INSIDE = ("\n\n", "; "), ("\n", "; ", ": ", ", ")
"""What joins phrases in a text and inside a placeholder."""
_fixed: set[str] = set()
_open: dict[str, tuple[re.Pattern[str], tuple[str, ...]]] = {}


def phrase(msgid: str, *inner: str) -> str:
    """`msgid` as it is, from now on known to `spoken` and, in the source, to the catalogues.

    Its placeholders are of the form %(name)s. `inner`: those that are filled with phrases themselves.
    """
    if PLACE.search(msgid):
        _open[msgid] = _pattern(msgid), inner
    else:
        _fixed.add(msgid)
    return msgid


def _pattern(msgid: str) -> re.Pattern[str]:
    words = PLACE.split(msgid)
    parts = [f"(?P<{word}>.+?)" if number % 2 else re.escape(word) for number, word in enumerate(words)]
    return re.compile("".join(parts), re.DOTALL)


def spoken(text: str) -> str:
    """`text` in the reader's language where it, or a part of it, is a phrase; everything else stays as it is."""
    return _said(text, WHOLE)


def _said(text: str, joints: tuple[str, ...]) -> str:
    whole = _phrased(text)
    if whole is not None or not joints:
        return text if whole is None else whole
    first, *rest = joints
    return first.join(_said(part, tuple(rest)) for part in text.split(first))


def _phrased(text: str) -> str | None:
    if text in _fixed:
        return gettext(text)
    for msgid, (pattern, inner) in _open.items() if len(text) <= LONGEST else ():
        if found := pattern.fullmatch(text):
            return gettext(msgid) % _filled(found.groupdict(), inner)
    return None


def _filled(values: Mapping[str, str], inner: tuple[str, ...]) -> dict[str, str]:
    return {name: _said(value, INSIDE) if name in inner else value for name, value in values.items()}
