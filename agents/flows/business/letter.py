"""A letter to one lead: of what is known of them only what the policy allows, read by a person, never too personal."""

from collections.abc import Mapping
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Context, Json, Kind, Question, Result, State
from agents.engine.guardrails import Draft, Guardrail
from agents.flows.parts import code, escalate, flow, model, person, services, think, way
from agents.flows.patterns.gate import decided
from agents.flows.publishing import publish
from agents.flows.recipe import Recipe
from agents.flows.roles import WRITER
from agents.flows.triage.shapes import REPLY
from agents.runs.guards.personal import facts_of, personal_guardrail, usable

INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["contact", "text"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 20_000, "pattern": r"\S"},
        "contact": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 50,
            "additionalProperties": {"type": ["string", "integer"], "maxLength": 300},
        },
    },
}
MAY_LEAVE = phrase("May this letter be sent?")
CHOSEN = phrase("Left out: %(left_out)s")
RULES = ("personal_attributes", "most_personal_facts")


def _choose(context: Context) -> Result:
    """What the writer may know: the wish, what campaigns say, and the facts that the policy allows."""
    rules = services(context).policy.rules
    facts = facts_of(context.input["input"]["contact"])
    chosen = usable(facts, rules)
    left_out = ", ".join(name for name in facts if name not in chosen)
    known = {"wish": context.input["input"]["text"], "lead": chosen, "campaign": services(context).context_text}
    kept = {name: rules[name] for name in RULES if name in rules}
    return Result({"known": known, "rules": kept}, CHOSEN % {"left_out": left_out or "–"})


def _guardrail(seen: Mapping[str, Json]) -> Guardrail:
    return personal_guardrail(facts_of(seen["input"]["contact"]), seen["choose"]["rules"])


def _judged(seen: Mapping[str, Json], text: str) -> dict[str, Json]:
    verdict = _guardrail(seen).judge(Draft(text))
    return {"passed": verdict.passed, "evidence": list(verdict.evidence)}


def _ask(context: Context) -> Question:
    """The draft, or what a person made of it that was still too personal, with what is wrong with it."""
    seen = context.input
    text = decided(seen.get("approve") or {}) or seen["write"]["reply"]
    detail = " ".join(_judged(seen, text)["evidence"])
    return Question("approval", MAY_LEAVE, detail=detail, schema=REPLY, proposal={"reply": text})


def _check(context: Context) -> Result:
    return Result(_judged(context.input, decided(context.input["approve"])))


def _released(state: State) -> bool:
    return bool(decided(state["approve"]))


GRAPH = flow(
    "lead-letter",
    phrase("human-in-the-loop gate"),
    [
        code("choose", _choose),
        model(
            WRITER,
            "write",
            reads=["choose"],
            call=lambda context: think(context, WRITER, **context.input["choose"]["known"]),
        ),
        person("approve", _ask, ["input", "choose", "write", "approve"]),
        code("check", _check, reads=["input", "choose", "approve"], kind=Kind.JUDGE),
        publish(
            lambda seen: decided(seen["approve"]),
            ["input", "choose", "approve"],
            by_person=_released,
            held_against=lambda seen: [_guardrail(seen)],
        ),
        code("drop", lambda context: Result({"sent": False}), reads=["approve"]),
        escalate(phrase("No draft could be made.")),
    ],
    [
        way("choose", "write"),
        way("write", "approve"),
        way("approve", "check", phrase("a person lets it through"), _released),
        way("approve", "drop", phrase("a person refused it")),
        way("check", "publish", phrase("it is not too personal"), lambda s: s["check"]["passed"]),
        way("check", "approve", phrase("it is too personal: nobody lets that through")),
    ],
)
RECIPE = Recipe(
    phrase("Letter to a lead"),
    phrase(
        "A value proposition or a follow-up to one lead, from the campaigns in force and the facts that the policy "
        "allows; a person reads it, and what is too personal does not leave."
    ),
    GRAPH,
    (WRITER,),
    {
        "text": "Follow up: they asked for the prices of a stand.",
        "contact": {"name": "Kim Lee", "company": "Bluefin Freight", "country": "Spain", "employees": 120},
    },
    INPUT,
)
