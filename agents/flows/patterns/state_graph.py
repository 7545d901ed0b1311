"""State graph: states with criteria, another way where a threshold is missed, and what was written is taken back."""

from agents.base.phrases import phrase
from agents.engine import Context, Criterion, Effect, Kind, Result
from agents.engine.guardrails import Draft
from agents.flows.parts import code, escalate, flow, join, model, services, way
from agents.flows.publishing import leaves
from agents.flows.recipe import Recipe
from agents.flows.roles import CLASSIFIER, VERIFIER
from agents.runs.guards.rules import CITATION

SURE, SOUND = 0.4, 0.2
NOTICE = "We have your request and are looking into it."
WITHDRAWN = "Please disregard our last notice: we could not go on with your request and will write to you again."


def _tell(context: Context, kind: str, text: str) -> Result:
    """A notice states nothing that a source could bear out; all other guardrails hold."""
    held = [one for one in services(context).guardrails if one.name != CITATION]
    return Result({"output": leaves(context, Draft(text), held, kind=kind, released=False)})


GRAPH = flow(
    "state-graph",
    phrase("state graph"),
    [
        model(CLASSIFIER, "classify", kind=Kind.ROUTER),
        code(
            "notify",
            lambda context: _tell(context, "notice", NOTICE),
            effect=Effect.WRITE,
            idempotent=True,
            undo=lambda context: _tell(context, "withdrawal", WITHDRAWN),
        ),
        model(
            VERIFIER,
            "decide",
            reads=["input", "classify"],
            kind=Kind.JUDGE,
            exit=Criterion(phrase("the decision is sound enough"), lambda s: s["decide"]["score"] >= SOUND),
        ),
        join("settle", lambda seen: seen["decide"], ["decide"]),
        escalate(phrase("It is not clear what is asked for.")),
    ],
    [
        way("classify", "notify", phrase("it is sure enough"), lambda s: s["classify"]["confidence"] >= SURE),
        way("classify", "escalate", phrase("it is not sure enough")),
        way("notify", "decide"),
        way("decide", "settle"),
        # No way on after a failed decision: the flow fails, and the notice is taken back.
    ],
    fails=("decide", "notify"),
)
RECIPE = Recipe(
    phrase("States with a way back"),
    phrase("A notice goes out, a decision follows; where the decision fails, the notice is withdrawn."),
    GRAPH,
    (CLASSIFIER, VERIFIER),
    {"text": "Please cancel my order 5512, it was placed by mistake."},
)
