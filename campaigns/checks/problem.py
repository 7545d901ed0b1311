"""What can be wrong with a version."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """`key` names a warning for whoever signs for it; `field` is the fact it is about, or empty."""

    level: Literal["error", "warning"]
    key: str
    text: str
    field: str = ""


def error(key: str, text: str, field: str = "") -> Problem:
    """It blocks."""
    return Problem("error", key, text, field)


def warning(key: str, text: str, field: str = "") -> Problem:
    """It is signed for."""
    return Problem("warning", key, text, field)
