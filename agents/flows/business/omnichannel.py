"""Omnichannel service: sorted, looked up, written for its channel, checked where there is risk, sent, and summed up so
that the case goes on by whichever channel the customer comes next (R-165)."""

from collections.abc import Mapping
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Context, Course, Criterion, Effect, Json, Kind, Question, Result, State
from agents.engine.checks import length
from agents.engine.guardrails import Draft, Fallback, Guardrail
from agents.flows.claims import CLAIMS_MICROS
from agents.flows.customers import at_hand
from agents.flows.judges import judge
from agents.flows.lookup import LOOK_UP_MICROS
from agents.flows.parts import ESCALATE, code, flow, model, person, services, think, way
from agents.flows.publishing import leaves
from agents.flows.recipe import Recipe
from agents.flows.roles import CLASSIFIER, SUMMARISER, VERIFIER, WRITER
from agents.flows.triage import nodes
from agents.flows.triage.answers import CORRECT, SOON, person_s_reply, understood
from agents.flows.triage.shapes import ANSWER, REPLY
from agents.runs.enums import Channel
from agents.runs.guards.customers import EMPATHY

LONGEST: dict[str, int] = {
    Channel.WHATSAPP: 1000,
    Channel.SMS: 320,
    Channel.CHAT: 1000,
    Channel.EMAIL: 5000,
    Channel.VOICE: 400,
}
"""Characters a reply may have, by the channel it leaves through: the one the message came in by."""
INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["text", "channel"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 20_000, "pattern": r"\S"},
        "channel": {"type": "string", "enum": Channel.values},
        "customer": {"type": "string", "maxLength": 200},
        "thread": {"type": "string", "maxLength": 200},
    },
}
SURE = 0.5
CASE = "What did the customer want, what was answered, and what is still open?"
CHANNEL = phrase("channel")
TAKE_OVER = phrase("The customer, by %(channel)s: %(said)s")
LOOKED_UP = phrase("looked it up and wrote a reply")
SORTED_ONLY = phrase("sorted the message")
NOT_SENT = phrase("the reply was not let through")
NO_MACHINE = phrase("a person is asked for, or there is no usable draft")


def risky(state: State) -> bool:
    """Whether a verifier reads the reply first: the law, a mood, money, or a doubtful intent."""
    found = state["classify"]
    unsure = found["confidence"] < SURE
    return bool(found.get("legal") or found.get("amount") or unsure or found["emotion"] != "calm")


def _wants_somebody(state: State) -> bool:
    return bool(state["classify"]["wants_human"] or state["classify"].get("empathy"))


def _write(context: Context) -> Result:
    given, found = context.input["input"], context.input["retrieve"]
    data: dict[str, Json] = {
        "passages": "\n".join(f"[{one['id']}] {one['text']}" for one in found["passages"]),
        "message": given["text"],
        "channel": f"{given['channel']}, at most {LONGEST[given['channel']]} characters",
    }
    data |= at_hand(found)
    if campaign := services(context).context_text:
        data["campaign"] = campaign
    return think(context, WRITER, **data)


def _final(seen: Mapping[str, Json]) -> tuple[str, str]:
    """The text that leaves, and who decided it."""
    if ESCALATE in seen:
        return person_s_reply(seen[ESCALATE]), "person"
    return str(seen["write"]["reply"]), "agent"


def _publish(context: Context) -> Result:
    """The reply leaves by the channel its message came in by; its length there is a guardrail like any other."""
    seen, ours = context.input, services(context)
    (text, by), channel = _final(seen), seen["input"]["channel"]
    passages = {one["id"]: one["text"] for one in seen.get("retrieve", {}).get("passages", ())}
    fits = Guardrail(CHANNEL, length(LONGEST[channel]), 1, Fallback.ESCALATE)
    told = {"by": by, "channel": channel}
    found = leaves(context, Draft(text, passages), [*ours.guardrails, fits], released=by == "person", **told)
    return Result({"output": found, "reply": text, **told})


def _summarise(context: Context) -> Result:
    seen = context.input
    return think(context, SUMMARISER, question=CASE, text=f"{seen['input']['text']}\n\n{seen['publish']['reply']}")


def _remember(context: Context) -> Result:
    """The summary is what the customer's next message finds, by whatever channel it comes."""
    seen = context.input
    summary = str((seen.get("summarise") or {}).get("summary") or seen["publish"]["reply"])
    kept = services(context).memories.remember(context.key, f"{seen['input']['channel']}: {summary}")
    return Result({**seen["publish"], "summary": summary, "remembered": kept})


def _take_over(context: Context) -> Question:
    seen, given = context.input, context.input["input"]
    draft = (seen.get("write") or {}).get("reply")
    why = (seen.get("verify") or {}).get("critique") or (NOT_SENT if draft else NO_MACHINE)
    return Question(
        "handoff",
        TAKE_OVER % {"channel": given["channel"], "said": given["text"][:120]},
        briefing={
            "wants": f"{understood(seen).get('intent', '–')}: {' '.join(given['text'].split())[:400]}",
            "tried": LOOKED_UP if draft else SORTED_ONLY,
            "why": why,
            "suggested": CORRECT if draft else SOON,
        },
        schema=REPLY if draft else ANSWER,
        proposal={"reply": draft, "to": given.get("customer", "")} if draft else None,
    )


SEEN = ["input", "classify", "retrieve", "write", "verify"]
GRAPH = flow(
    "omnichannel",
    phrase("dynamic conditional orchestration"),
    [
        model(CLASSIFIER, "classify", kind=Kind.ROUTER, call=nodes.classify(EMPATHY)),
        code("retrieve", nodes.retrieve(4), cost_micros=LOOK_UP_MICROS),
        model(WRITER, "write", reads=["input", "retrieve"], call=_write),
        judge(VERIFIER, "verify", reads=["input", "retrieve", "write"]),
        person(ESCALATE, _take_over, SEEN),
        code(
            "publish",
            _publish,
            reads=[*SEEN, ESCALATE],
            effect=Effect.WRITE,
            idempotent=True,
            cost_micros=CLAIMS_MICROS,
        ),
        model(SUMMARISER, "summarise", reads=["input", "publish"], call=_summarise),
        code("remember", _remember, reads=["input", "publish", "summarise"], effect=Effect.WRITE, idempotent=True),
        code("close", nodes.close, exit=Criterion(phrase("nothing is sent"), lambda s: s["close"]["output"] is None)),
    ],
    [
        way("classify", ESCALATE, phrase("it needs empathy, or a person is asked for"), _wants_somebody),
        way("classify", "retrieve"),
        way("retrieve", "write"),
        way("write", "verify", phrase("there is risk: the law, a mood, money or doubt"), risky),
        way("write", "publish", phrase("there is no risk")),
        way("verify", "publish", phrase("the verifier passes it"), lambda s: s["verify"]["passed"]),
        way("verify", ESCALATE, phrase("the verifier refuses it")),
        way(ESCALATE, "publish", phrase("a reply is to be sent"), lambda s: bool(person_s_reply(s[ESCALATE]))),
        way(ESCALATE, "close", phrase("nothing is to be sent")),
        way("publish", "summarise"),
        way("summarise", "remember"),
        way("summarise", "remember", phrase("there is no summary: what was said is kept"), on=Course.FAILED),
    ],
    fails=("summarise", "remember"),
)
RECIPE = Recipe(
    phrase("Omnichannel service"),
    phrase(
        "A message from any channel: sorted, looked up, written for that channel, read by a verifier where there is "
        "risk, sent, and summed up for the customer’s next message by another one."
    ),
    GRAPH,
    (CLASSIFIER, WRITER, VERIFIER, SUMMARISER),
    {"text": "How many working days until refunds arrive?", "channel": "whatsapp", "customer": "kim@lee.example"},
    INPUT,
)
