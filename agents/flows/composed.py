"""A flow that a team composes of the library's parts: stages in a row, each with limits and what leads on (R-132)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Context, Edge, Graph, InvalidGraph, Json, Kind, Node, Question, Result, State
from agents.flows.lookup import LOOK_UP_MICROS
from agents.flows.parts import ANSWER, ESCALATE, NEEDS_PERSON, code, flow, model, person, said, search, way
from agents.flows.patterns.gate import decided
from agents.flows.publishing import publish
from agents.flows.recipe import Recipe
from agents.flows.roles import ROLES, Role
from agents.flows.triage.shapes import REPLY
from agents.runs.registry import OWN, FlowContext

SEARCH, PUBLISH = "search", "publish"
PARTS = {SEARCH: phrase("look it up in the agent’s sources"), PUBLISH: phrase("send the reply")}
LIBRARY = {role.slug: role for role in ROLES}
MARKS = ("confidence", "score")
"""What a role may say from 0 to 1, and a stage may ask for."""
FEWEST, MOST = 4, 6
"""States that a first flow should have, the person's included (requirements.md §4)."""
AT_LEAST, BELOW = phrase("%(mark)s is at least %(least)s"), phrase("%(mark)s is below %(least)s")
SENDS, DROPS = phrase("a reply is to be sent"), phrase("nothing is to be sent")
TAKEN_OVER = phrase("A stage of this flow could not go on.")
NOTHING = phrase("the flow has no states")
UNKNOWN = phrase("“%(part)s” is no part of the library")
UNWRITTEN = phrase("“%(node)s” sends a reply that no state has written")
EXAMPLE = {"text": "How many working days until refunds arrive?"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One state as a person fills it in. `least`: the mark below which a person takes over. 0 or None: left out."""

    part: str
    name: str
    latency_ms: int = 0
    cost_micros: int | None = None
    least: float | None = None


READY = (
    Stage("classifier", "classify", 3_000, 20_000, 0.5),
    Stage(SEARCH, "retrieve", 500, LOOK_UP_MICROS),
    Stage("writer", "generate", 10_000, 60_000),
    Stage("verifier", "verify", 5_000, 40_000, 0.5),
    Stage(PUBLISH, "publish", 1_000, 0),
)
"""What the editor begins with."""


def stages_of(settings: Mapping[str, Json]) -> list[Stage]:
    """The stages that a version of such a flow keeps."""
    return [Stage(**one) for one in settings["stages"]]


def build(context: FlowContext) -> Graph:
    """The graph of one run of such a flow."""
    version = context.run.flow_version
    return composed(version.flow.slug if version else OWN, stages_of(context.settings))


def recipe_of(slug: str, name: str, stages: Sequence[Stage]) -> Recipe:
    """What the library's pages show of it. Raises InvalidGraph."""
    summary = " → ".join(one.name for one in stages)
    roles = [LIBRARY[one.part] for one in stages if one.part in LIBRARY]
    settings = {"stages": [as_json(one) for one in stages]}
    return Recipe(name, summary, composed(slug, stages), tuple(roles), EXAMPLE, settings=settings)


def as_json(stage: Stage) -> dict[str, Json]:
    """What a version keeps of it."""
    return {name: getattr(stage, name) for name in Stage.__slots__}


def composed(slug: str, stages: Sequence[Stage]) -> Graph:
    """The graph: each stage reads the input and all before it; what fails or is not sure enough goes to a person.

    Raises InvalidGraph for what no graph may lack, each in a sentence.
    """
    unknown = [UNKNOWN % {"part": one.part} for one in stages if one.part not in PARTS | LIBRARY]
    if unknown or not stages:
        raise InvalidGraph(slug, unknown or [NOTHING])
    nodes = [_node(one, stages[:place]) for place, one in enumerate(stages)]
    sends = [one.name for one in stages if one.part == PUBLISH]
    if sends and not _replies(stages):
        raise InvalidGraph(slug, [UNWRITTEN % {"node": sends[0]}])
    seen = ["input", *(one.name for one in stages if one.part != PUBLISH)]
    asked = person(ESCALATE, _ask(_replies(stages)), seen)
    dropped = code("drop", lambda context: Result({"sent": False}), reads=[ESCALATE])
    back = [edge for name in sends for edge in (way(ESCALATE, name, SENDS, _released), way(ESCALATE, "drop", DROPS))]
    ends = [asked, dropped] if sends else [asked]
    return flow(slug, phrase("state graph"), [*nodes, *ends], [*_ways(stages), *back])


def _released(state: State) -> bool:
    return bool(_person_s(state[ESCALATE]))


def _person_s(answer: Mapping[str, Json]) -> str:
    return decided(answer) or str(answer.get("answer", ""))


def _replies(stages: Sequence[Stage]) -> list[str]:
    """The stages that write a reply, the latest first."""
    writing = [one.name for one in stages if one.part in LIBRARY and "reply" in LIBRARY[one.part].schema["properties"]]
    return writing[::-1]


def _text(replies: Sequence[str], seen: Mapping[str, Json]) -> str:
    if ESCALATE in seen:
        return _person_s(seen[ESCALATE])
    return next((str(seen[name]["reply"]) for name in replies if seen.get(name)), "")


def _ask(replies: Sequence[str]) -> Callable[[Context], Question]:
    def ask(context: Context) -> Question:
        title = NEEDS_PERSON % {"said": " ".join(said(context.input).split())[:160]}
        if draft := _text(replies, context.input):
            return Question("approval", title, TAKEN_OVER, schema=REPLY, proposal={"reply": draft})
        return Question("question", title, TAKEN_OVER, schema=ANSWER)

    return ask


def _node(stage: Stage, before: Sequence[Stage]) -> Node:
    limits: dict[str, Any] = {"latency_ms": stage.latency_ms, "cost_micros": stage.cost_micros}
    reads = ["input", *(one.name for one in before)]
    if stage.part == SEARCH:
        return replace(search(stage.name, lambda seen: str(seen["input"]["text"]), for_customer=True), **limits)
    if stage.part == PUBLISH:
        replies = _replies(before)
        sent = publish(
            lambda seen: _text(replies, seen), [*reads, ESCALATE], by_person=lambda s: ESCALATE in s, to_customer=True
        )
        return replace(sent, name=stage.name, **limits)
    return replace(model(_limited(stage), stage.name, reads=reads, kind=_kind(LIBRARY[stage.part])), **limits)


def _limited(stage: Stage) -> Role:
    """The role within the stage's limits; where these are left out, the graph is refused anyway."""
    role = LIBRARY[stage.part]
    latency_ms, cost_micros = stage.latency_ms or role.latency_ms, stage.cost_micros or role.cost_micros
    return replace(role, latency_ms=latency_ms, cost_micros=cost_micros)


def _kind(role: Role) -> Kind:
    return {"confidence": Kind.ROUTER, "score": Kind.JUDGE}.get(mark_of(role.slug), Kind.ROLE)


def mark_of(part: str) -> str:
    """What a stage of this part may be asked for at least; "" where it marks nothing."""
    known = LIBRARY[part].schema["properties"] if part in LIBRARY else {}
    return next((mark for mark in MARKS if mark in known), "")


def _ways(stages: Sequence[Stage]) -> list[Edge]:
    return [edge for one, following in pairwise(stages) for edge in _way(one, following)]


def _way(stage: Stage, following: Stage) -> list[Edge]:
    mark, least = mark_of(stage.part), stage.least
    if not mark or least is None:
        return [way(stage.name, following.name)]
    told = {"mark": mark, "least": f"{least:g}"}

    def holds(state: State) -> bool:
        return bool(state[stage.name][mark] >= least)

    return [way(stage.name, following.name, AT_LEAST % told, holds), way(stage.name, ESCALATE, BELOW % told)]
