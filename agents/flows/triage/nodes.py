"""What each node does. All it may use is `context.services`; all it sees of the run is what it reads."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from agents.base.phrases import phrase
from agents.engine import Context, Json, Question, Result
from agents.engine.call import Call
from agents.engine.guardrails import Draft
from agents.fleet.enums import Tier
from agents.flows.claims import judged_by_meaning
from agents.flows.condensing import condensed, left_micros
from agents.flows.customers import at_hand, keep, known
from agents.flows.lookup import look_up
from agents.flows.roles import WRITER
from agents.flows.taking import check_given, needing
from agents.flows.triage import answers
from agents.flows.triage.shapes import ANSWER, CLASSIFICATION, REPLY
from agents.runs.guards.customers import wants_empathy
from agents.runs.services import Services

MOST_PASSAGE = 1200
WRITER_TAKES = needing("message", "passages")
SORTED = phrase("intent %(intent)s, confidence %(confidence)s, mood %(mood)s", "intent", "mood")
FOUND = phrase("passages that share words with the message: %(n)s")
WRITTEN = phrase("written by %(model)s")
PASSED = phrase("every guardrail passed")
REFUSED = phrase("refused by %(guardrails)s", "guardrails")
PUBLISHED = {
    "agent": phrase("published, decided by the agent"),
    "person": phrase("published, decided by a person"),
}
CLOSED = phrase("closed without a reply by a person")
SOMEBODY = phrase("The customer: %(said)s")


def services(context: Context) -> Services:
    return cast(Services, context.services)


def classify(empathy_words: Sequence[str]) -> Call:
    """A call that finds intent, confidence, emotion, language; whether a human is asked for or the law is spoken of;
    and, whatever a model makes of it, the word that wants empathy."""

    def call(context: Context) -> Result:
        prompt, said = services(context).prompts.get("classifier"), context.input["input"]["text"]
        reply = services(context).models.chat(
            Tier.CHEAP,
            prompt.messages(message=said),
            max_tokens=200,
            schema=CLASSIFICATION,
            cost_limit_micros=context.cost_micros,
            role="classifier",
            again=True,
        )
        found, touching = reply.data, wants_empathy(said, empathy_words)
        why = SORTED % {"intent": found["intent"], "confidence": f"{found['confidence']:.2f}", "mood": found["emotion"]}
        found = found | {"empathy": touching} if touching else found
        return Result(found, reply.because(why), reply.usage(prompt.version))

    return call


def retrieve(limit: int) -> Any:
    """A call that finds the passages for the message, numbered p1… for citing, and what is known of the customer.

    The second time twice as many, for what had no support too: the ladder's adjusted call (R-199).
    """

    def call(context: Context) -> Result:
        text, most = context.input["input"]["text"], limit
        if "verify" in context.input:
            text, most = f"{text}\n{answers.refusals(context.input['verify'])}", 2 * limit
        found = look_up(context, text, most)
        passages = [one.cited_as(number, MOST_PASSAGE) for number, one in enumerate(found, start=1)]
        return Result({"passages": passages, **known(context)}, FOUND % {"n": len(passages)})

    return call


def generate(context: Context) -> Result:
    """A reply from the passages; the second time by another writer, with what the guardrails found."""
    prompt = services(context).instructions.added_to(services(context).prompts.get("writer"))
    data: dict[str, Json] = {
        "passages": "\n".join(f"[{one['id']}] {one['text']}" for one in context.input["retrieve"]["passages"]),
        "message": context.input["input"]["text"],
    }
    data |= at_hand(context.input["retrieve"])
    if services(context).context_text:
        data["campaign"] = services(context).context_text
    tier = Tier.STANDARD
    if "verify" in context.input:
        data["guardrails"], tier = answers.refusals(context.input["verify"]), Tier.PREMIUM
    writer = WRITER.at(tier)
    check_given(WRITER_TAKES, data)
    messages = prompt.messages(**condensed(context, prompt, writer, data))
    most, left = writer.max_tokens, left_micros(context, context.cost_micros)
    reply = services(context).models.chat(tier, messages, max_tokens=most, cost_limit_micros=left, role=writer.slug)
    why = reply.because(WRITTEN % {"model": reply.model})
    return Result({"reply": reply.text.strip()}, why, reply.usage(prompt.version))


def verify(context: Context) -> Result:
    """Every guardrail's verdict on the draft; of its claims by meaning too, where that can be told."""
    passages = {one["id"]: one["text"] for one in context.input["retrieve"]["passages"]}
    draft = Draft(context.input["generate"]["reply"], passages)
    record = judged_by_meaning(context, draft, services(context).guardrails)
    failed = [verdict.name for verdict in record.verdicts if not verdict.passed]
    why = REFUSED % {"guardrails": ", ".join(failed)} if failed else PASSED
    return Result(record.as_json() | {"policy_version": services(context).policy.number}, why)


def escalate(moods: Collection[str]) -> Call:
    """Hand over with a full briefing: what the customer wants, what was tried, why not, what is suggested (R-052)."""

    def call(context: Context) -> Question:
        seen = context.input
        draft = answers.written(seen) if "verify" in seen else None
        who, said = seen["input"].get("customer"), seen["input"]["text"][:120]
        return Question(
            reason="guardrail" if draft else "handoff",
            title=f"{who}: {said}" if who else SOMEBODY % {"said": said},
            briefing=answers.briefing(seen, moods),
            schema=REPLY if draft else ANSWER,
            proposal={"reply": draft, "to": seen["input"].get("customer", "")} if draft else None,
            severity="high" if answers.urgent(seen, moods) else "normal",
        )

    return call


def publish(context: Context) -> Result:
    """The reply leaves, once, with the record of what it passed."""
    text, by = answers.final_reply(context.input)
    record = answers.release(context.input)
    cited = [one["id"] for one in context.input.get("retrieve", {}).get("passages", ()) if f"[{one['id']}]" in text]
    found = services(context).outputs.publish(
        context.key, kind="reply", content=text, pass_record=record, data={"by": by, "cited": cited}
    )
    keep(context, text, answers.understood(context.input).get("intent", ""))
    return Result({"output": found, "reply": text, "by": by}, PUBLISHED[by])


def close(context: Context) -> Result:
    """Nothing is sent: a person decided so."""
    return Result({"output": None, "reply": "", "by": "person"}, CLOSED)
