"""What shows that each pattern is real (requirements.md §2): the one definition, for pages, the API and the tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.base.phrases import phrase
from agents.flows.traits import look
from agents.flows.traits.trace import Trace
from agents.runs.models import Step

Trait = tuple[str, Callable[[Trace], list[Step]]]
IN_TURN: Trait = (phrase("each step begins after the one before it has ended"), look.in_turn)
GIVEN_ON: Trait = (phrase("what a step brings is given to the next"), look.given_on)
CHOSEN: Trait = (phrase("one of several ways is chosen by its criterion"), look.chosen)
ALONE: Trait = (phrase("nobody else who could be chosen has a step"), look.alone)
AT_ONCE: Trait = (phrase("branches run at the same time"), look.together)
READ_ALL: Trait = (phrase("one step is given what all branches brought"), look.read_all)
ASKED: Trait = (phrase("a person is asked"), look.asked)
WENT_ON: Trait = (phrase("it goes on from the person’s answer"), look.went_on)
VERDICT: Trait = (phrase("a judge gives its verdict"), look.judged)
PLANNED: Trait = (phrase("one plan is there before its first task begins"), look.planned)
AS_MANY: Trait = (phrase("as many branches as the work turns out to need"), look.spawned)
AGAIN: Trait = (phrase("a next attempt is given what was said of the one before, and differs"), look.again)

TRAITS: dict[str, tuple[Trait, ...]] = {
    "prompt chaining": (IN_TURN, GIVEN_ON),
    "routing": (CHOSEN, ALONE),
    "parallelization: sectioning": (AT_ONCE, READ_ALL),
    "parallelization: voting": (
        (phrase("every branch is given the same"), look.same_input),
        (phrase("how the votes split is kept"), look.split),
    ),
    "orchestrator-worker": (AS_MANY, READ_ALL),
    "evaluator-optimizer": (VERDICT, (phrase("a draft is written again with the verdict at hand"), look.revised)),
    "plan-execute": (PLANNED, (phrase("its tasks are done by a cheaper model"), look.cheaper)),
    "ReAct": (
        (phrase("thoughts and looks take turns"), look.took_turns),
        (phrase("what was seen is given to the next thought"), look.observed),
    ),
    "reflection": ((phrase("one role writes and criticises"), look.one_role), AGAIN),
    "swarm": (IN_TURN, (phrase("control passes from one peer to the one it names"), look.handed)),
    "hierarchical supervisor": (
        (phrase("who is not asked for is left out, and why is kept"), look.left_out),
        READ_ALL,
    ),
    "hierarchical team": (
        (phrase("there are steps three levels deep"), look.deep),
        (phrase("leaders merge before the top does"), look.merged_below),
    ),
    "mesh": (
        (phrase("a peer asks another one directly"), look.asked_peer),
        (phrase("contradicting writes are kept as a conflict"), look.conflicts),
    ),
    "blackboard": (
        (phrase("every entry has its version and its author"), look.authored),
        (phrase("a write wakes who waits for it"), look.woken),
    ),
    "state graph": (CHOSEN, (phrase("what was written is taken back when it fails later"), look.undone)),
    "dynamic conditional orchestration": (
        AT_ONCE,
        (phrase("a step is left out, and why is kept"), look.passed_over),
    ),
    "planner with policies": (PLANNED, VERDICT),
    "hypothesis tree": (
        (phrase("causes are named, each with its check"), look.causes),
        ASKED,
        (phrase("the root cause is named"), look.root_cause),
    ),
    "negotiation loop": (IN_TURN, (phrase("two sides take turns, each given what the other said"), look.sides)),
    "human-in-the-loop gate": (ASKED, WENT_ON),
    "lead and cheaper subagents": (
        AS_MANY,
        (phrase("what was gained and what both ways cost is reported"), look.compared),
    ),
    "auditor-trainer loop": (
        VERDICT,
        (phrase("what is proposed waits for a person"), look.proposed),
        (phrase("once approved it is the next version"), look.adopted),
    ),
    "hybrid human and AI": ((phrase("the mood of the message is read"), look.mood), CHOSEN),
}
"""By pattern: its traits, each with the look that finds the steps which show it."""
OCCASIONS: dict[Callable[[Trace], list[Step]], Callable[[Mapping[str, Any]], bool]] = {
    look.together: lambda node: node["kind"] == "parallel",
    look.undone: lambda node: "undo" in node,
}
"""Of looks that a flow gives no occasion for: which of its nodes does."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One trait, and the steps of the run that show it; none where this run had no occasion, or has not come so far."""

    trait: str
    steps: list[Step]


def traits_of(graph: Mapping[str, Any]) -> list[Trait]:
    """What shows the pattern of `graph`, as the engine describes it, where it has a node that gives occasion for it."""
    traits = TRAITS.get(graph.get("pattern", ""), ())
    return [one for one in traits if one[1] not in OCCASIONS or any(map(OCCASIONS[one[1]], graph["nodes"]))]


def shown(graph: Mapping[str, Any], steps: Sequence[Step]) -> list[Shown]:
    """What a run's `steps`, in order, show of the pattern of `graph`."""
    trace = Trace(graph, steps)
    return [Shown(trait, find(trace)) for trait, find in traits_of(graph)]
