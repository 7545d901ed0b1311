"""What becomes of two writes to one entry of shared memory: by the policy's rule, or by a person's word (R-154)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Context, Json, Question, Result, State
from agents.engine.call import Call
from agents.engine.memory import remember
from agents.fleet.policy import ANY_KEY, MEMORY_CONFLICTS
from agents.flows.parts import services

ASKS = phrase("Which of them holds? %(keys)s")
SETTLED = phrase("conflicts settled by rule: %(settled)s, left to a person: %(left)s")
Memory = Mapping[str, Any]


class Rule(StrEnum):
    """Who holds: the first to write, the last, both where they go together, or whom a person names."""

    FIRST = "first"
    LAST = "last"
    MERGE = "merge"
    PERSON = "person"


def take_in(own: str, agents: str) -> Call:
    """`remember`, with every conflict settled as the policy says of its key; where it says nothing the first holds."""
    written = remember(own, agents)

    def call(context: Context) -> Result:
        result = written(context)
        assert isinstance(result, Result)
        memory = settled(result.output, services(context).policy.rules.get(MEMORY_CONFLICTS, {}))
        left = len(open_conflicts(memory))
        why = SETTLED % {"settled": len(memory["conflicts"]) - left, "left": left}
        return replace(
            result, output=memory, reason=f"{result.reason}; {why}" if memory["conflicts"] else result.reason
        )

    return call


def settled(memory: Memory, rules: Mapping[str, str]) -> dict[str, Json]:
    """The memory with each open conflict settled: it then says its `rule` and whose value is `kept`.

    What cannot be merged, and what the rules leave to a person, stays open.
    """
    entries, conflicts = dict(memory["entries"]), []
    for one in memory["conflicts"]:
        rule = Rule(rules.get(one["key"], rules.get(ANY_KEY, Rule.FIRST)))
        held = entries[one["key"]]
        value = _merged(held["value"], one["value"]) if rule is Rule.MERGE else one["value"]
        if "rule" in one or rule is Rule.PERSON or value is None:
            conflicts.append(one)
            continue
        kept = {Rule.FIRST: held["author"], Rule.LAST: one["author"]}.get(rule, f"{held['author']}, {one['author']}")
        if rule is not Rule.FIRST:
            entries[one["key"]] = {"value": value, "version": held["version"] + 1, "author": kept}
        conflicts.append({**one, "rule": rule.value, "kept": kept})
    return {"entries": entries, "conflicts": conflicts}


def open_conflicts(memory: Memory) -> list[dict[str, Any]]:
    """Those that wait for a person."""
    return [one for one in memory["conflicts"] if "rule" not in one]


def is_open(state: State, own: str) -> bool:
    """Whether a person is to settle something in the memory of the node `own`."""
    return bool(open_conflicts(state[own]))


def ask(own: str) -> Callable[[Context], Question]:
    """The call of a person's node: for each entry in conflict, whose value holds."""

    def call(context: Context) -> Question:
        choices = _choices(context.input[own])
        keys = {key: {"type": "string", "enum": list(values), "title": key} for key, values in choices.items()}
        said = [f"{key}: {author}: {value}" for key, values in choices.items() for author, value in values.items()]
        schema = {"type": "object", "required": list(keys), "properties": keys, "additionalProperties": False}
        return Question("question", ASKS % {"keys": ", ".join(keys)}, detail="\n".join(said), schema=schema)

    return call


def agreed(memory: Memory, answer: Mapping[str, str]) -> dict[str, Json]:
    """The memory as the person said: by key, whose value holds."""
    choices, entries = _choices(memory), dict(memory["entries"])
    for key, author in answer.items():
        version = entries[key]["version"] + 1
        entries[key] = {"value": choices[key][author], "version": version, "author": author}
    conflicts = [
        one if "rule" in one else {**one, "rule": Rule.PERSON.value, "kept": answer[one["key"]]}
        for one in memory["conflicts"]
    ]
    return {"entries": entries, "conflicts": conflicts}


def _choices(memory: Memory) -> dict[str, dict[str, Json]]:
    """By key, what each author says; who holds it comes first."""
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for one in open_conflicts(memory):
        held = memory["entries"][one["key"]]
        found[one["key"]] = {held["author"]: held["value"], **found[one["key"]], one["author"]: one["value"]}
    return found


def _merged(held: Json, other: Json) -> Json:
    """Both in one: of lists all that is in either, of objects all that they do not say differently; None for others."""
    if isinstance(held, list) and isinstance(other, list):
        return [*held, *(one for one in other if one not in held)]
    if isinstance(held, dict) and isinstance(other, dict):
        differ = any(held[name] != other[name] for name in held.keys() & other.keys())
        return None if differ else {**held, **other}
    return held if held == other else None
