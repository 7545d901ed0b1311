"""A model that is given its tools as material and says in a schema which it wants next: look first, change once."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.rehearsal.prompt import Prompt, plain
from agents.rehearsal.schema import fill
from agents.rehearsal.tools import call, fit

_SECTION = r"<{0}>\n(.*?)\n</{0}>"
_NOTHING: dict[str, Any] = {"tool": "", "arguments": {}}
_LOOKS = ("get_", "find_", "list_", "search_")


def wants_tool(schema: Mapping[str, Any]) -> bool:
    """Whether the schema asks for a tool by name with its arguments."""
    return {"tool", "arguments"} <= set(schema.get("properties", {}))


def step(messages: Sequence[Mapping[str, Any]], prompt: Prompt) -> dict[str, Any]:
    """The next call; no tool when nothing that was asked for is left to do. Each tool is used once."""
    told = plain(messages[-1].get("content")) if messages else ""
    used = {str(one.get("tool")) for one in _listed(told, "history")}
    offered = [_function(one) for one in _listed(told, "tools") if one.get("name") not in used]
    if not used and (looked := _look(offered, prompt)):
        return looked
    found = call([] if _changed(used) else offered, "auto", prompt)
    return {"tool": found.tool, "arguments": json.loads(found.arguments)} if found and found.tool else dict(_NOTHING)


def _look(offered: Sequence[Mapping[str, Any]], prompt: Prompt) -> dict[str, Any] | None:
    """The look-up that speaks most of what was asked, of those whose arguments were all said."""
    looks = [one["function"] for one in offered if one["function"]["name"].startswith(_LOOKS)]
    for function in sorted(looks, key=lambda one: -fit(one, prompt)):
        arguments, missing = fill(function["parameters"], prompt)
        if arguments and not missing and fit(function, prompt) > 0:
            return {"tool": function["name"], "arguments": arguments}
    return None


def _changed(used: set[str]) -> bool:
    return any(not name.startswith(_LOOKS) for name in used)


def _function(tool: Mapping[str, Any]) -> dict[str, Any]:
    described = {"name": tool["name"], "description": tool["description"], "parameters": tool["arguments"]}
    return {"type": "function", "function": described}


def _listed(text: str, name: str) -> list[Any]:
    found = re.search(_SECTION.format(name), text, re.DOTALL)
    try:
        value = json.loads(found[1]) if found else []
    except ValueError:
        return []
    return value if isinstance(value, list) else []
