"""Personal data in what is shown: masked for those whose role has nothing to do with customers (R-125).

By patterns (e-mail addresses, telephone and card numbers) and by the fields that tools declare: a name in the middle of
a sentence is not seen. The mask holds for one request; every renderer of others' texts puts it on.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeVar, cast

from agents.engine.checks import CARD, EMAIL, PHONE, luhn, masked

Known = Callable[[], Collection[str]]
"""The addresses, in lower case, that are nobody's secret: those of the team's own people. Asked when one is found."""
HIDDEN = "•••"
T = TypeVar("T")
_mask: ContextVar[Known | None] = ContextVar("mask", default=None)
_fields: set[str] = set()
# Not inside a longer word, nor in a UUID: hashes and ids are full of digits.
_ID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_ALONE = re.compile(
    rf"(?P<email>{EMAIL.pattern})|(?P<id>{_ID})|(?<!\w)(?:(?P<card>{CARD.pattern})|{PHONE.pattern})(?!\w)"
)


@contextmanager
def masking(known: Known | None) -> Iterator[None]:
    """Within, personal data are masked but for the addresses of `known`; with None nothing is."""
    token = _mask.set(known)
    try:
        yield
    finally:
        _mask.reset(token)


def is_masking() -> bool:
    return _mask.get() is not None


def note_fields(names: Iterable[str]) -> None:
    """From now on, what stands under these keys is masked whole."""
    _fields.update(names)


def told(text: str) -> str:
    """`text` as whoever looks may see it."""
    known = _mask.get()
    return text if known is None else _ALONE.sub(partial(_hidden, known), text)


def told_in(value: Any) -> Any:
    """JSON as whoever looks may see it."""
    if not is_masking():
        return value
    if isinstance(value, Mapping):
        return {told(name): _under(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [told_in(one) for one in value]
    return told(value) if isinstance(value, str) else value


def told_under(name: str, value: Any) -> Any:
    """What stands under the key `name`, as whoever looks may see it."""
    return _under(name, value) if is_masking() else value


def still(lines: Iterable[T]) -> Iterator[T]:
    """The same lines, each made under the mask of now: what is streamed is made when the request is over."""
    return _under_mask(_mask.get(), iter(lines))


def _under_mask(known: Known | None, lines: Iterator[T]) -> Iterator[T]:
    while True:
        with masking(known):
            line = next(lines, lines)
        if line is lines:
            return
        yield cast(T, line)


def _under(name: str, value: Any) -> Any:
    if name not in _fields:
        return told_in(value)
    if isinstance(value, Mapping):
        return {told(key): _under(name, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_under(name, one) for one in value]
    return value if value in (None, "") or _is_known(value) else HIDDEN


def _hidden(known: Known, found: re.Match[str]) -> str:
    value = found[0]
    fine = value.lower() in known() if found["email"] else bool(found["card"]) and not luhn(value)
    return value if fine or found["id"] else masked(value)


def _is_known(value: Any) -> bool:
    known = _mask.get()
    return known is not None and str(value).lower() in known()
