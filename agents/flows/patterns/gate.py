"""Human-in-the-loop gate: the agent proposes, the run waits, a person decides, and it goes on from there."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Json, Question, Result, State
from agents.flows.parts import code, escalate, flow, model, person, way
from agents.flows.publishing import publish
from agents.flows.recipe import Recipe
from agents.flows.roles import WRITER
from agents.flows.triage.shapes import REPLY

APPROVE = phrase("May this be sent?")


def approval(draft: str) -> Question:
    """Asks whether `draft` may leave; it may be edited."""
    return Question("approval", APPROVE, schema=REPLY, proposal={"reply": draft})


def decided(answer: Json) -> str:
    """The text that a person lets through; "" for none."""
    return str((answer.get("proposal") or {}).get("reply", ""))


def _ask(context: Context) -> Question:
    return approval(context.input["draft"]["reply"])


def _text(seen: Mapping[str, Json]) -> str:
    return decided(seen["approve"])


def _released(state: State) -> bool:
    return bool(decided(state["approve"]))


GRAPH = flow(
    "gate",
    phrase("human-in-the-loop gate"),
    [
        model(WRITER, "draft"),
        person("approve", _ask, ["draft"]),
        publish(_text, ["approve"], by_person=_released),
        code("drop", lambda context: Result({"sent": False}), reads=["approve"]),
        escalate(phrase("No draft could be made.")),
    ],
    [
        way("draft", "approve"),
        way("approve", "publish", phrase("a person lets it through"), _released),
        way("approve", "drop", phrase("a person refused it")),
    ],
)
RECIPE = Recipe(
    phrase("Ask before it leaves"),
    phrase("Nothing is sent until a person approves or edits it; the run waits as long as that takes."),
    GRAPH,
    (WRITER,),
    {"text": "Tell the customer that the seminar of 9 June moves to 16 June, same hall."},
)
