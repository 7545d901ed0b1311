"""Auditor-trainer loop, and the compliance review: audit before sending, a person where it flags or samples, and a
proposal for the writer's prompt that nothing applies but a person's approval."""

from collections.abc import Mapping
from dataclasses import replace

from agents.base.phrases import phrase
from agents.engine import Context, Course, Effect, Json, Kind, Question, Result, State, digest
from agents.engine.guardrails import Draft, judged
from agents.flows.parts import code, escalate, flow, model, person, services, way
from agents.flows.patterns.gate import approval, decided
from agents.flows.publishing import publish
from agents.flows.recipe import Recipe
from agents.flows.roles import AUDITOR, TRAINER, WRITER
from agents.flows.training import adopt_prompt
from agents.flows.triage.answers import refusals

SAMPLE = 5
"""One of so many texts that passed is shown to a person all the same."""
ADOPT = phrase("May the writer's prompt be changed like this?")
PROMPT = {"type": "object", "required": ["task"], "properties": {"task": {"type": "string", "minLength": 1}}}


def sampled(text: str) -> bool:
    """Whether a text that passed goes to a person too: by its digest, so that a replay agrees."""
    return int(digest(text)[:8], 16) % SAMPLE == 0


def _shown(state: State) -> bool:
    return state["audit"]["verdict"] == "flag" or sampled(state["write"]["reply"])


def _text(seen: Mapping[str, Json]) -> str:
    return decided(seen["review"]) if "review" in seen else str(seen["write"]["reply"])


def _review(context: Context) -> Question:
    """The text, with all that the auditor and the guardrails have against it."""
    text, found = context.input["write"]["reply"], context.input["audit"]["issues"]
    refused = refusals(judged(Draft(text), services(context).guardrails).as_json())
    return replace(approval(text), detail="\n".join(filter(None, [*found, refused])))


def _proposal(context: Context) -> Question:
    trained = context.input["train"]
    return Question("approval", ADOPT, detail=trained["why"], schema=PROMPT, proposal={"task": trained["task"]})


def adopt(context: Context) -> Result:
    """The approved task becomes the agent's next version of the writer's prompt."""
    task = context.input["approve"]["proposal"]["task"]
    return Result({"prompt": adopt_prompt(services(context).outputs.run, WRITER.slug, task)})


GRAPH = flow(
    "trainer",
    phrase("auditor-trainer loop"),
    [
        model(WRITER, "write"),
        model(AUDITOR, "audit", reads=["input", "write"], kind=Kind.JUDGE),
        person("review", _review, ["write", "audit"]),
        publish(_text, ["write", "review"], by_person=lambda s: "review" in s),
        model(TRAINER, "train", reads=["write", "audit"]),
        person("approve", _proposal, ["train"]),
        code("adopt", adopt, reads=["approve"], effect=Effect.WRITE, idempotent=True),
        code("done", lambda context: Result(dict(context.input)), reads=["publish"]),
        escalate(phrase("The text could not be audited."), ["input", "write"]),
    ],
    [
        way("write", "audit"),
        way("audit", "review", phrase("the audit flags it, or it is a sample"), _shown),
        way("audit", "publish", phrase("the audit passed it")),
        way("review", "publish", phrase("a person lets it through"), lambda s: bool(decided(s["review"]))),
        way("review", "train", phrase("a person refused it")),
        way("publish", "review", phrase("a guardrail refused it"), lambda s: "review" not in s, on=Course.FAILED),
        way("publish", "train", phrase("the audit found something"), lambda s: s["audit"]["verdict"] == "flag"),
        way("publish", "done", phrase("the audit passed it")),
        way("train", "approve"),
        way("approve", "adopt", phrase("the proposal is approved"), lambda s: bool(s["approve"]["proposal"])),
        way("approve", "done", phrase("the proposal is refused")),
    ],
)
RECIPE = Recipe(
    phrase("Compliance review"),
    phrase("An auditor reads every text, people see samples, a trainer proposes a better prompt, a person decides."),
    GRAPH,
    (WRITER, AUDITOR, TRAINER),
    {"text": "Answer a customer who asks whether the investment can lose money."},
)
