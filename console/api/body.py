"""Reading a request's JSON: strictly, because what two parsers read differently nobody can trust."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser
from pydantic_core import to_json

from agents.base.errors import Invalid, Refused

DEPTH = 64
# A batch checks its items one by one: a bad one does not sink the others.
BATCH = ":batch"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class WrongMedia(Refused):
    """Not JSON at all."""

    status = 415


class StrictParser(Parser):
    """UTF-8, no double keys, no NaN or infinity, at most 64 levels, and only text that PostgreSQL can store."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise WrongMedia(_("Send Content-Type: application/json."), "content_type")
        text = request.body.decode("utf-8")
        body = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
        batch = request.path.endswith(BATCH)
        refuse_unstorable(path for path in unstorable(body) if not (batch and path[:1] == ("items",) and path[1:]))
        return body


def refuse_unstorable(paths: Iterable[tuple[str, ...]]) -> None:
    """Raises `Invalid` that names each of these places, if there are any."""
    if bad := {".".join(path): [_("Zero bytes and halves of characters are not text.")] for path in paths}:
        raise Invalid(_("Some fields cannot be taken as they are."), fields=bad)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A key appears twice.")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError("A number is too large.")
    return number


def unstorable(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where text is that PostgreSQL refuses. Raises `ValueError` below 64 levels."""
    if len(path) > DEPTH:
        raise ValueError("Nested deeper than 64 levels.")
    if isinstance(value, str) and _UNSTORABLE.search(value):
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        if _UNSTORABLE.search(str(key)):
            yield (*path, _UNSTORABLE.sub("\ufffd", str(key)))
        yield from unstorable(part, (*path, str(key)))


def encode(data: Any) -> str:
    """What goes over the wire: times with microseconds and zone, decimals and ids as text."""
    return to_json(data).decode()
