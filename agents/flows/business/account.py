"""A question about an account or an order: answered from sources and records, held against both, changing nothing."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Json, Result
from agents.flows.customers import at_hand
from agents.flows.parts import code, escalate, flow, model, search, services, think, way
from agents.flows.pieces import seen
from agents.flows.publishing import publish
from agents.flows.recipe import Recipe
from agents.flows.roles import RETRIEVER, TOOLS, WRITER

LOOKS = 3
"""How many records one question may need."""


def _history(parts: Mapping[str, Json]) -> list[Json]:
    """Every look so far with what came of it."""
    return list(parts.get("look", {}).get("history", ()))


def _next(context: Context) -> Result:
    """Which record to look at next, of those that the agent's tools reach without changing anything."""
    told = {"message": context.input["input"]["text"], "history": _history(context.input)}
    return think(context, TOOLS, tools=services(context).tools.offered(changing=False), **told)


def _look(context: Context) -> Result:
    wanted = context.input["tools"]
    found = services(context).tools.look(context.key, wanted["tool"], wanted["arguments"])
    return Result({"history": [*_history(context.input), found]})


def _write(context: Context) -> Result:
    """The answer; of the records, what they said."""
    parts = seen(context)
    parts.pop("look", None)
    parts |= at_hand(parts.pop("find"))
    return think(context, WRITER, records=[one.get("result") for one in _history(context.input)], **parts)


GRAPH = flow(
    "account-question",
    phrase("prompt chaining"),
    [
        model(RETRIEVER, "retriever"),
        search("find", lambda parts: str(parts["retriever"]["query"]), ["retriever"], for_customer=True),
        model(TOOLS, "tools", reads=["input", "look"], call=_next, max_visits=LOOKS + 1),
        code("look", _look, reads=["tools", "look"], max_visits=LOOKS),
        model(WRITER, "write", reads=["input", "find", "look"], call=_write),
        publish(
            lambda parts: str(parts["write"]["reply"]),
            ["input", "write", "find"],
            by_person=lambda state: False,
            to_customer=True,
        ),
        escalate(phrase("Neither sources nor records gave an answer that holds.")),
    ],
    [
        way("retriever", "find"),
        way("find", "tools"),
        way(
            "tools",
            "look",
            phrase("there is a record to look at"),
            lambda s: bool(s["tools"]["tool"]) and s.visits["tools"] <= LOOKS,
        ),
        way("tools", "write", phrase("it has looked")),
        way("look", "tools"),
        way("write", "publish"),
    ],
)
RECIPE = Recipe(
    phrase("Question about an account or an order"),
    phrase(
        "Looks in the agent's sources and, with its tools that only read, in the records; what the answer says of a "
        "record is held against the record, or a person decides."
    ),
    GRAPH,
    (RETRIEVER, TOOLS, WRITER),
    {"text": "What is the status of my order #W1000001?"},
)
