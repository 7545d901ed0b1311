"""Shared memory: entries that several agents read and write, each with its version and its author.

Optimistic locking: a write names the version it has seen, and where another was faster it is kept as a conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from agents.engine.call import Call, Context, Result
from agents.engine.state import Json


class Write(TypedDict):
    """What an agent wants to be known under `key`; `base` is the version it has seen, 0 for none."""

    key: str
    value: Json
    base: int


def empty() -> dict[str, Json]:
    """A memory that nobody has written to."""
    return {"entries": {}, "conflicts": []}


def version(memory: Mapping[str, Any] | None, key: str) -> int:
    """The version of an entry; 0 while there is none."""
    return int((memory or empty())["entries"].get(key, {}).get("version", 0))


def written(memory: Mapping[str, Any] | None, writes: Iterable[tuple[str, Write]]) -> dict[str, Json]:
    """The memory after these writes (author, write), in order. What was overtaken is a conflict, never lost."""
    before = memory or empty()
    entries, conflicts = dict(before["entries"]), list(before["conflicts"])
    for author, write in writes:
        found = version({"entries": entries}, write["key"])
        if found == write["base"]:
            entries[write["key"]] = {"value": write["value"], "version": found + 1, "author": author}
        else:
            holder = entries.get(write["key"], {}).get("author", "")
            conflicts.append({**write, "author": author, "version": found, "holds": holder})
    return {"entries": entries, "conflicts": conflicts}


def remember(own: str, agents: str) -> Call:
    """The call of the node `own` that takes in what the branches of the parallel set `agents` want to write."""

    def call(context: Context) -> Result:
        brought = sorted(context.input[agents].items(), key=lambda one: str(one[1]["branch"]))
        writes = [(name, one) for name, part in brought for one in (part["output"] or {}).get("writes", ())]
        after = written(context.input.get(own), writes)
        return Result(after, f"entries written: {len(writes)}, in conflict: {len(after['conflicts'])}")

    return call
