"""What a role is given, held against its schema before it does anything: a bad value stops there, the node named."""

from collections.abc import Mapping
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Json, StepFault
from agents.engine.schemas import problem

SAYS_SOMETHING: dict[str, Any] = {
    "not": {"enum": [None, [], {}]},
    "if": {"type": "string"},
    "then": {"pattern": r"\S"},
}
"""Of one part: neither missing nor empty."""
TAKES: dict[str, Any] = {"type": "object"}
"""What a role takes unless it names its own: whatever says something."""
NOTHING = phrase("It was given nothing to work with.")
UNUSABLE = phrase("This cannot be worked with: %(problem)s")


def needing(*names: str) -> dict[str, Any]:
    """The schema of what must hold these parts, none of them empty."""
    return {**TAKES, "required": list(names), "properties": dict.fromkeys(names, SAYS_SOMETHING)}


def check_given(schema: Mapping[str, Any], given: Mapping[str, Json]) -> None:
    """Raises StepFault (`bad_input`): nothing is asked of a model, and nothing goes on to the next node."""
    if all(problem(SAYS_SOMETHING, part) for part in given.values()):
        raise StepFault("bad_input", NOTHING)
    if wrong := problem(schema, dict(given)):
        raise StepFault("bad_input", UNUSABLE % {"problem": wrong[:300]})
