"""Blackboard: agents wait for what they need to appear in the shared memory; nobody says whose turn it is."""

from dataclasses import replace

from agents.base.phrases import phrase
from agents.engine import Context, Criterion, Kind, Node, Result, State
from agents.engine.memory import remember, version
from agents.flows.parts import code, flow, join, model, together, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, VERIFIER, WRITER, Role

SUBSCRIPTIONS = {"analyst": ("text", "facts"), "writer": ("facts", "draft"), "verifier": ("draft", "verdict")}
"""Who waits for what, and what they write."""
WAITS = phrase("“%(key)s” is known and “%(writes)s” is not")
ROUNDS = 5


def known(state: State, key: str) -> bool:
    """Whether it stands in the memory, or was given with the run."""
    return key in state["input"] or version(state.get("board"), key) > 0


def _awake(state: State, name: str) -> bool:
    waits, writes = SUBSCRIPTIONS[name]
    return known(state, waits) and not known(state, writes)


def subscriber(role: Role) -> Node:
    """An agent that wakes when its key is there; what it says is a write of its own key, as of the version it saw."""
    name = role.slug
    waits, writes = SUBSCRIPTIONS[name]
    asked = model(role, reads=["input", "board"])

    def call(context: Context) -> Result:
        said = asked.call(context) if asked.call else None
        if not isinstance(said, Result):
            raise TypeError(name)
        base = version(context.input.get("board"), writes)
        return replace(said, output={"writes": [{"key": writes, "value": said.output, "base": base}]})

    words = WAITS % {"key": waits, "writes": writes}
    return replace(asked, call=call, when=Criterion(words, lambda s: _awake(s, name)))


AGENTS = tuple(subscriber(role) for role in (ANALYST, WRITER, VERIFIER))
GRAPH = flow(
    "blackboard",
    phrase("blackboard"),
    [
        together("agents", *AGENTS, reads=["input", "board"]),
        *AGENTS,
        code("board", remember("board", "agents"), reads=["board", "agents"], kind=Kind.JOIN),
        join("read", lambda seen: seen["board"]["entries"], ["board"]),
    ],
    [
        way("agents", "board"),
        way(
            "board",
            "agents",
            phrase("somebody has something new to work on"),
            lambda s: s.visits["board"] < ROUNDS and any(_awake(s, name) for name in SUBSCRIPTIONS),
        ),
        way("board", "read", phrase("nobody has anything left to do")),
    ],
)
RECIPE = Recipe(
    phrase("A board they all watch"),
    phrase("Each agent wakes when what it needs is on the board; every entry has its version and its author."),
    GRAPH,
    (ANALYST, WRITER, VERIFIER),
    {"text": "The lift in building B stopped twice this week; the tenant asks what will be done."},
)
