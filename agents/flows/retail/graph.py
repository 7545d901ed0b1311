"""The flow: decide, look; or decide, preview, let a person confirm, act; until there is an answer.

The model only ever names a tool and its arguments. Whether a call may be made is decided by the agent's grants; what is
carried out is what a person let through, word for word and for the amount that they saw.
"""

from collections.abc import Mapping
from typing import cast

from agents.base.phrases import phrase
from agents.engine import Context, Effect, Json, Question, Result, State
from agents.fleet.toolbox import WORDS, Tool, Why, tool_called
from agents.flows.parts import ANSWER, code, escalate, flow, model, person, services, think, way
from agents.flows.publishing import publish
from agents.flows.recipe import Recipe
from agents.flows.retail.tools import TOOLS, TRANSFER
from agents.flows.roles import TEXT, Role, shape

CALLS = 40
"""How many calls one conversation may need."""
CONFIRM = phrase("May this be done: %(tool)s?", "tool")
TRIED = phrase("It was tried and taken back; it can be done. This is what would be carried out.")
HANDED = phrase("A customer is handed over to you")
NEEDS_MORE = phrase("The agent's tools do not cover it, or the customer asked for a person.")
READ_ON = phrase("Read the summary and the calls of this run, answer the customer, then say here what was agreed.")
TASK = (
    "Name the next tool and its arguments, one at a time; once nothing is left to do, no tool but the reply. First "
    "find out who the customer is, by e-mail or by name and postal code, whatever they say of themselves; help nobody "
    "with another customer's orders. Look at an order before you change it. Make nothing up. Decline what the rules "
    "forbid."
)
CLERK = Role(
    "clerk",
    "you serve a shop's customers with the tools you were given.",
    TASK,
    shape(tool={"type": "string", "maxLength": 80}, arguments={"type": "object"}, reply=TEXT),
    max_tokens=800,
)
PROPOSED = ("tool", "arguments", "amount_micros", "currency")


def history(parts: Mapping[str, Json]) -> list[Json]:
    """Every call so far with what came of it: looking and acting each continue what was there."""
    return max((parts.get(name, {}).get("history", []) for name in ("look", "act")), key=len)


def decide(context: Context) -> Result:
    """What the model wants to do next."""
    told = {"message": context.input["input"]["text"], "history": history(context.input)}
    if "handoff" in context.input:
        told["colleague"] = context.input["handoff"]
    return think(context, CLERK, tools=services(context).tools.offered(), **told)


def look(context: Context) -> Result:
    """A call that changes nothing, or its refusal."""
    wanted = context.input["decide"]
    said = services(context).tools.look(context.key, wanted["tool"], wanted["arguments"])
    return Result({"history": [*history(context.input), said]})


def preview(context: Context) -> Result:
    """What the change would do."""
    wanted = context.input["decide"]
    return Result(services(context).tools.preview(context.key, wanted["tool"], wanted["arguments"]))


def confirm(context: Context) -> Question:
    """Asks whether exactly this may be done; arguments may be edited as long as the amount stays what was tried."""
    tried = context.input["preview"]
    tool = cast(Tool, tool_called(tried["tool"]))  # the preview has found it
    proposal = {name: tried[name] for name in PROPOSED if name in tried}
    fixed = {name: {"const": value} for name, value in proposal.items()}
    schema = {
        "type": "object",
        "properties": fixed | {"arguments": dict(tool.schema)},
        "required": list(proposal),
        "additionalProperties": False,
    }
    severity = "high" if tool.effect is Effect.DESTRUCTIVE else "normal"
    title = CONFIRM % {"tool": tool.title}
    return Question("approval", title, detail=TRIED, schema=schema, proposal=proposal, severity=severity)


def act(context: Context) -> Result:
    """What was let through is done; what was refused at the preview or by a person is only told."""
    return Result({"history": [*history(context.input), _acted(context)]})


def _acted(context: Context) -> Json:
    tried = context.input["preview"]
    if "refused" in tried:
        return tried
    answer = context.input["confirm"] if tried["confirm"] else {"proposal": tried}
    if (agreed := answer["proposal"]) is None:
        text = str(answer.get("note") or WORDS[Why.PERSON])
        return {name: tried[name] for name in ("tool", "arguments")} | {
            "refused": {"why": Why.PERSON.value, "text": text}
        }
    return services(context).tools.act(
        context.key,
        agreed["tool"],
        agreed["arguments"],
        confirmed=tried["confirm"],
        amount_micros=agreed.get("amount_micros", 0),
    )


def hand_over(context: Context) -> Question:
    """The customer goes to a person, who may give them back with a word on what was agreed."""
    done = history(context.input)
    briefing = {
        "wants": context.input["input"]["text"],
        "tried": ", ".join(dict.fromkeys(call["tool"] for call in done[:-1])) or NEEDS_MORE,
        "why": done[-1]["arguments"]["summary"],
        "suggested": READ_ON,
    }
    return Question("handoff", HANDED, schema=ANSWER, severity="high", briefing=briefing)


def _changes(state: State) -> bool:
    tool = tool_called(state["decide"]["tool"])
    return tool is not None and tool.effect.changes_the_world


def _handed(state: State) -> bool:
    last = state["look"]["history"][-1]
    return last["tool"] == TRANSFER and "refused" not in last


def _asks(state: State) -> bool:
    return "refused" not in state["preview"] and bool(state["preview"]["confirm"])


GRAPH = flow(
    "retail",
    phrase("human-in-the-loop gate"),
    [
        model(CLERK, "decide", reads=["input", "look", "act", "handoff"], call=decide, max_visits=CALLS + 1),
        code("look", look, reads=["decide", "look", "act"], max_visits=CALLS),
        code("preview", preview, reads=["decide", "look", "act"], max_visits=CALLS),
        person("confirm", confirm, ["preview"], max_visits=CALLS),
        code(
            "act",
            act,
            reads=["preview", "confirm", "look", "act"],
            effect=Effect.WRITE,
            idempotent=True,
            max_visits=CALLS,
        ),
        person("handoff", hand_over, ["input", "look", "act"], max_visits=CALLS),
        publish(
            lambda seen: str(seen["decide"]["reply"]),
            ["decide"],
            by_person=lambda state: False,
        ),
        escalate(phrase("The agent found no way to an answer.")),
    ],
    [
        way("decide", "publish", phrase("there is nothing left to do"), lambda s: not s["decide"]["tool"]),
        way("decide", "escalate", phrase("no calls are left"), lambda s: s.visits["decide"] > CALLS),
        way("decide", "preview", phrase("it wants to change something"), _changes),
        way("decide", "look", phrase("it wants to look something up")),
        way("look", "handoff", phrase("a person is to take over"), _handed),
        way("look", "decide", phrase("it has looked")),
        way("handoff", "decide"),
        way("preview", "confirm", phrase("a person confirms it first"), _asks),
        way("preview", "act", phrase("nobody need be asked")),
        way("confirm", "act"),
        way("act", "decide"),
    ],
    max_steps=5 * CALLS,
)
RECIPE = Recipe(
    phrase("Shop service with confirmed changes"),
    phrase("Looks things up in the shop's records by itself; a person confirms every change before it is made."),
    GRAPH,
    (CLERK,),
    {"text": "I am Kim Lee, kim@lee.example. Please cancel my order #W1000001, I ordered it by mistake."},
    tools=[tool.slug for tool in TOOLS],
)
