"""What can be seen in a trace, one look a function: the steps that show it, none where it is not to be seen."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from agents.flows.traits.trace import Trace, after, at_once, brought, given, parts
from agents.runs.models import Step

LEVELS = 5
"""Slashes in the key of a step of the third level: `set/1/b0/set/1/b0`."""


def _once(pairs: list[tuple[Step, Step]]) -> list[Step]:
    """The steps of these pairs, each once, in order."""
    return list({one.key: one for one in chain.from_iterable(pairs)}.values())


def in_turn(trace: Trace) -> list[Step]:
    whole = trace.pairs and all(after(other, one) for one, other in trace.pairs)
    return trace.visits if whole else []


def given_on(trace: Trace) -> list[Step]:
    return _once([(one, other) for one, other in trace.pairs if given(other, one)])


def chosen(trace: Trace) -> list[Step]:
    return _once(list(trace.choices()))


def alone(trace: Trace) -> list[Step]:
    """The first choice, where none of the others has a step."""
    for one, other in trace.choices():
        others = {*trace.ways[one.node]} - {other.node}
        return [] if any(step.node in others for step in trace.steps) else [other]
    return []


def together(trace: Trace) -> list[Step]:
    return [one for branches in trace.sets.values() for one in at_once(branches)]


def read_all(trace: Trace) -> list[Step]:
    return [other for one, other in trace.pairs if one.key in trace.sets and given(other, one)]


def same_input(trace: Trace) -> list[Step]:
    alike = (one for one in trace.sets.values() if len(one) > 1 and len({step.input_sha256 for step in one}) == 1)
    return next(alike, [])


def split(trace: Trace) -> list[Step]:
    return [one for one in trace.visits if brought(one, "split")]


def spawned(trace: Trace) -> list[Step]:
    return [one for key, branches in trace.sets.items() if key.split("/")[-2] in trace.spawning for one in branches]


def judged(trace: Trace) -> list[Step]:
    return [one for one in trace.visits if one.kind == "judge"]


def revised(trace: Trace) -> list[Step]:
    verdicts = judged(trace)
    return _once(
        [(one, other) for one in verdicts for other in trace.roles if other.kind == "role" and given(other, one)]
    )


def planned(trace: Trace) -> list[Step]:
    """The first model's step, where all further work began after it and it was asked once."""
    if not trace.roles:
        return []
    plan, rest = trace.roles[0], [one for one in trace.steps if one.model and one.key != trace.roles[0].key]
    return [plan] if rest and all(after(one, plan) and one.node != plan.node for one in rest) else []


def cheaper(trace: Trace) -> list[Step]:
    plan = planned(trace)
    return [one for one in trace.steps if plan and one.model and one.model != plan[0].model and one.key != plan[0].key]


def took_turns(trace: Trace) -> list[Step]:
    """Thoughts and looks."""
    return _once([(one, other) for one, other in trace.pairs if (one.kind, other.kind) == ("role", "tool")])


def observed(trace: Trace) -> list[Step]:
    return [other for one, other in trace.pairs if (one.kind, other.kind) == ("tool", "role") and given(other, one)]


def one_role(trace: Trace) -> list[Step]:
    asked = [one for one in trace.roles if one.prompt_version]
    whole = len({one.node for one in asked}) > 1 and len({one.prompt_version for one in asked}) == 1
    return asked if whole else []


def again(trace: Trace) -> list[Step]:
    """A second attempt that was given what was said of the first, and is not the same."""
    first = {one.node: one for one in trace.roles if one.visit == 1}
    pairs = [(one, other) for one, other in trace.pairs if other.visit > 1 and given(other, one)]
    return _once([pair for pair in pairs if pair[1].node in first and pair[1].output != first[pair[1].node].output])


def handed(trace: Trace) -> list[Step]:
    peers = [pair for pair in trace.pairs if all(one.kind == "role" for one in pair)]
    named = [pair for pair in peers if pair[1].node in parts(pair[0]).values()]
    return _once([pair for pair in named if after(pair[1], pair[0])])


def left_out(trace: Trace) -> list[Step]:
    """Sets of which a branch was skipped, with why."""
    sets = [one for one in trace.visits if one.kind == "parallel"]
    return [one for one in sets if any(part.get("skipped") for part in parts(one).values())]


def deep(trace: Trace) -> list[Step]:
    return [one for one in trace.steps if one.key.count("/") >= LEVELS]


def merged_below(trace: Trace) -> list[Step]:
    """The last of each branch's own steps, where the step above them began after all."""
    for key, branches in trace.sets.items():
        top = next((other for one, other in trace.pairs if one.key == key and given(other, one)), None)
        last = [trace.inside(one.key)[-1] for one in branches if trace.inside(one.key)]
        if top and last and all(after(top, one) for one in last):
            return [*last, top]
    return []


def asked_peer(trace: Trace) -> list[Step]:
    """Calls inside a branch that asked another model than the branch's own, which is the last."""
    inner = [
        [one for one in trace.inside(step.key) if one.model] for branches in trace.sets.values() for step in branches
    ]
    return [one for calls in inner if len(calls) > 1 for one in calls[:-1] if one.key.rpartition("/")[2].isdecimal()]


def conflicts(trace: Trace) -> list[Step]:
    return [one for one in trace.visits if brought(one, "conflicts")]


def authored(trace: Trace) -> list[Step]:
    """Shared memory: each entry with its version and its author."""
    boards = [one for one in trace.visits if brought(one, "entries")]
    return [one for one in boards if all({"version", "author"} <= set(entry) for entry in _entries(one))]


def _entries(board: Step) -> Iterable[Any]:
    return list(parts(board)["entries"].values())


def woken(trace: Trace) -> list[Step]:
    """Branches of a later visit, in a set that was reached again after a write."""
    return [one for branches in trace.sets.values() for one in branches if one.visit > 1 or _again(trace, one)]


def _again(trace: Trace, branch: Step) -> bool:
    visit = branch.key.split("/")[1]
    return visit.isdecimal() and int(visit) > 1


def undone(trace: Trace) -> list[Step]:
    return [one for one in trace.steps if one.key.endswith("/undo")]


def passed_over(trace: Trace) -> list[Step]:
    """Steps reached by a choice that left a node of the flow without a visit; why is their reason."""
    seen = {one.node for one in trace.steps}
    return [other for one, other in trace.choices() if {*trace.ways[one.node]} - seen and trace.held(one, other)]


def causes(trace: Trace) -> list[Step]:
    return [one for one in trace.roles if brought(one, "suspects")]


def root_cause(trace: Trace) -> list[Step]:
    return [one for one in trace.roles if brought(one, "root_cause", "confirmed")]


def sides(trace: Trace) -> list[Step]:
    """Two roles one after the other, each given what the other had said."""
    return _once([(a, b) for a, b in trace.pairs if a.kind == b.kind == "role" and a.node != b.node and given(b, a)])


def asked(trace: Trace) -> list[Step]:
    """Whoever was asked, and has or has not answered yet."""
    return [one for one in trace.steps if one.kind == "person" and one.key == f"{one.node}/{one.visit}"]


def went_on(trace: Trace) -> list[Step]:
    return [other for one, other in trace.pairs if one.kind == "person" and after(other, one)]


def compared(trace: Trace) -> list[Step]:
    return [one for one in trace.visits if {"lift", "cost_micros"} <= set(parts(one))]


def proposed(trace: Trace) -> list[Step]:
    """What a role proposed after a judge had spoken, and the person whom it waits for."""
    people = asked(trace)
    roles = [one for one in trace.roles if one.kind == "role" and any(after(one, judge) for judge in judged(trace))]
    return _once([(one, other) for one in roles for other in people if given(other, one)])


def adopted(trace: Trace) -> list[Step]:
    return [one for one in went_on(trace) if one.effect == "write" and brought(one, "prompt")]


def mood(trace: Trace) -> list[Step]:
    return [one for one in trace.roles if brought(one, "emotion")]
