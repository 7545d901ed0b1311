"""Choosing a tool by what the user asks for, and filling its arguments from what was said."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.rehearsal.lexicon import PHRASES
from agents.rehearsal.prompt import Prompt
from agents.rehearsal.schema import fill
from agents.rehearsal.text import content, emphasis

_ENOUGH = 1.5


@dataclass(frozen=True)
class Reply:
    """What the model says: text, or one tool call with its arguments as JSON."""

    text: str = ""
    tool: str = ""
    arguments: str = ""


def call(tools: Sequence[Mapping[str, Any]], wanted: Any, prompt: Prompt) -> Reply | None:
    """A tool call, a question for what it still needs, or None when no tool fits what was asked.

    `wanted` is OpenAI's tool_choice: "none" forbids, "required" or a named function forces one.
    """
    functions = [tool["function"] for tool in tools if tool.get("type") == "function"]
    if wanted == "none" or not functions:
        return None
    forced = wanted == "required" or isinstance(wanted, Mapping)
    if isinstance(wanted, Mapping):
        functions = [f for f in functions if f["name"] == wanted["function"]["name"]]
    best = max(functions, key=lambda function: fit(function, prompt), default=None)
    if best is None or (not forced and (prompt.results or fit(best, prompt) < _ENOUGH)):
        return None
    return _called(best, prompt, forced)


def fit(function: Mapping[str, Any], prompt: Prompt) -> float:
    """How much of what is asked for the tool's name speaks of, its description by half."""
    asked, name = emphasis(prompt.question), content(function["name"])
    told = content(str(function.get("description", ""))) - name
    return sum(asked.get(word, 0.0) for word in name) + sum(asked.get(word, 0.0) for word in told) / 2


def _called(function: Mapping[str, Any], prompt: Prompt, forced: bool) -> Reply:
    arguments, missing = fill(function.get("parameters") or {"type": "object"}, prompt)
    if missing and not forced:
        needed = ", ".join(name.replace("_", " ") for name in missing)
        return Reply(PHRASES[prompt.language]["missing"].format(needed))
    return Reply(tool=function["name"], arguments=json.dumps(arguments, ensure_ascii=False))
