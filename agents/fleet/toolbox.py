"""The registry of tools, and what a call must keep to, whatever the model that asks for it says."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agents.base.personal import note_fields
from agents.base.phrases import phrase
from agents.engine import Effect, Json
from agents.engine.schemas import problem
from agents.fleet.enums import DataClass
from agents.fleet.models import ToolGrant


class Why(StrEnum):
    """Why a call was refused: a code to count by."""

    UNKNOWN_TOOL = "unknown_tool"
    NOT_GRANTED = "not_granted"
    BAD_ARGUMENTS = "bad_arguments"
    FIELD_NOT_GRANTED = "field_not_granted"
    WRITES_HERE = "writes_here"
    FROZEN = "frozen"
    NOT_CONFIRMED = "not_confirmed"
    OVER_LIMIT = "over_limit"
    CHANGED = "changed"
    TOOL = "tool"
    PERSON = "person"


WORDS = {
    Why.UNKNOWN_TOOL: phrase("There is no such tool."),
    Why.NOT_GRANTED: phrase("The agent was not given this tool."),
    Why.FIELD_NOT_GRANTED: phrase("The agent may not set %(fields)s."),
    Why.WRITES_HERE: phrase("This step only looks things up."),
    Why.FROZEN: phrase("Changes are frozen: %(reason)s"),
    Why.NOT_CONFIRMED: phrase("A person has to confirm this first."),
    Why.OVER_LIMIT: phrase("This is above the limit that the agent was given."),
    Why.CHANGED: phrase("It would move another amount than the one that was seen."),
    Why.PERSON: phrase("A person refused this."),
}


class ToolRefused(Exception):
    """The call is refused and nothing has changed; `why` is one of `Why`, the message is for model and people."""

    def __init__(self, why: Why, message: str = "") -> None:
        self.why = why
        super().__init__(message or WORDS[why])


@dataclass(frozen=True, slots=True)
class Done:
    """What a tool gave, and how much money it moved (micro-units, either way), by its own reckoning."""

    result: Json
    amount_micros: int = 0
    currency: str = "USD"


Run = Callable[[uuid.UUID, Mapping[str, Any]], Done]
"""Team and arguments that fit the schema → what was done. Runs in a transaction; raises ToolRefused to refuse."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool. `system` is whose data it works on; `schema` its arguments as JSON Schema."""

    slug: str
    title: str
    description: str
    """For the model: when to use it, and what comes back."""
    system: str
    effect: Effect
    schema: Mapping[str, Any]
    run: Run
    data: DataClass = DataClass.INTERNAL
    """The class of what it gives back, but for the fields that `fields` names, however deep, with what is in them."""
    fields: Mapping[str, DataClass] = field(default_factory=dict)
    states: Collection[str] = ()
    """The words that a record of its system may be in: what an agent says of a record's state is held against them."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(self.schema["properties"])

    def must_confirm(self, grant: ToolGrant, *, is_live: bool) -> bool:
        """Whether a person confirms each use of this grant, as they do any change of an agent that is not live."""
        told = grant.confirm or not is_live
        asked = self.effect is Effect.DESTRUCTIVE or (self.effect.changes_the_world and told)
        return asked and not grant.dry_run

    def described(self) -> dict[str, Json]:
        """The tool as a model is told of it."""
        return {"name": self.slug, "description": self.description, "arguments": dict(self.schema)}


_tools: dict[str, Tool] = {}
MASKED = (DataClass.PERSONAL, DataClass.PAYMENT)
"""What people see masked whose role has nothing to do with customers."""


def register_tool(tool: Tool) -> Tool:
    """Make a tool known. Raises ValueError when its name is taken."""
    if _tools.setdefault(tool.slug, tool) is not tool:
        raise ValueError(f"The tool {tool.slug!r} is registered twice.")
    note_fields(name for name, kept in tool.fields.items() if kept in MASKED)
    return tool


def tools() -> tuple[Tool, ...]:
    """Every tool, by system and name."""
    return tuple(sorted(_tools.values(), key=lambda tool: (tool.system, tool.slug)))


def tool_called(slug: str) -> Tool | None:
    return _tools.get(slug)


def admit(tool: Tool, grant: ToolGrant | None, arguments: Json) -> ToolGrant:
    """The grant under which the call may be tried. Raises ToolRefused."""
    if grant is None:
        raise ToolRefused(Why.NOT_GRANTED)
    if misfit := problem(tool.schema, arguments):
        raise ToolRefused(Why.BAD_ARGUMENTS, misfit)
    if grant.sets and (beyond := sorted(set(arguments) - set(grant.sets))):
        raise ToolRefused(Why.FIELD_NOT_GRANTED, WORDS[Why.FIELD_NOT_GRANTED] % {"fields": ", ".join(beyond)})
    return grant


def within(grant: ToolGrant, done: Done, today_micros: int) -> Done:
    """`done`, if the money it moved keeps to the grant on a day that has seen `today_micros`. Raises ToolRefused."""
    limited = grant.max_call_micros is not None or grant.max_day_micros is not None
    amount, other = done.amount_micros, done.amount_micros > 0 and done.currency != grant.currency
    call = grant.max_call_micros is not None and amount > grant.max_call_micros
    day = grant.max_day_micros is not None and today_micros + amount > grant.max_day_micros
    if call or (amount and day) or (limited and other):  # an amount in another currency cannot be compared
        raise ToolRefused(Why.OVER_LIMIT)
    return done


def seen(tool: Tool, grant: ToolGrant, result: Json) -> Json:
    """Of a result, the fields that the agent may see, of the data classes that it may see; None for nothing."""
    if grant.sees and isinstance(result, dict):
        result = {name: value for name, value in result.items() if name in grant.sees}
    left = _of_classes(tool, result, tool.data, grant.classes) if grant.classes else result
    return None if left is WITHHELD else left


WITHHELD = object()


def _of_classes(tool: Tool, value: Json, kept: DataClass, allowed: Collection[str]) -> Any:
    """`value`, whose class is `kept`, as far as its class and those of its fields are allowed."""
    if isinstance(value, dict):
        inner = {name: _of_classes(tool, one, tool.fields.get(name, kept), allowed) for name, one in value.items()}
        left: Any = {name: one for name, one in inner.items() if one is not WITHHELD}
    elif isinstance(value, list):
        left = [one for item in value if (one := _of_classes(tool, item, kept, allowed)) is not WITHHELD]
    else:
        return value if kept in allowed else WITHHELD
    return left if left or (not value and kept in allowed) else WITHHELD
