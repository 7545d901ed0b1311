"""Reading the state of a ticket: what guardrails refused, what a person said, which reply is final."""

from collections.abc import Collection, Mapping

from agents.base.phrases import phrase
from agents.engine import Json
from agents.runs.wording import ANSWER_PERSONALLY, WANTS_EMPATHY

Seen = Mapping[str, Json]
ANGRY = ("angry",)
"""Moods that go to a person at once, unless the policy names others."""


def refusals(verdicts: Json) -> str:
    """The failed guardrails with their evidence, a line each."""
    failed = [one for one in verdicts["verdicts"] if not one["passed"]]
    return "\n".join(f"{one['name']}: {'; '.join(one['evidence'])}" for one in failed)


def person_s_reply(answer: Json) -> str:
    """What a person wants sent; "" for nothing. Answers to a proposal carry it as `proposal`, others as `reply`."""
    if "decision" in answer:
        return str((answer["proposal"] or {}).get("reply", ""))
    return str(answer.get("reply", "")) if answer.get("action") == "send" else ""


def final_reply(seen: Seen) -> tuple[str, str]:
    """The text that leaves, and who decided it: `person` or `agent`."""
    if "escalate" in seen:
        return person_s_reply(seen["escalate"]), "person"
    return str(seen["generate"]["reply"]), "agent"


def release(seen: Seen) -> dict[str, Json]:
    """The pass record: the guardrails' verdicts, and a person's decision where one overruled or replaced them."""
    verdicts = dict(seen.get("verify", {}))
    if "escalate" not in seen:
        return verdicts
    decision = seen["escalate"].get("decision") or seen["escalate"].get("action", "")
    return verdicts | {"released_by": "person", "decision": decision}


def understood(seen: Seen) -> Mapping[str, Json]:
    """What the ticket is about; empty when the model gave no usable answer, whatever it left."""
    found = seen.get("classify") or {}
    return found if "intent" in found else {}


def written(seen: Seen) -> str | None:
    """The latest draft; None when the model gave none."""
    return (seen.get("generate") or {}).get("reply")


def urgent(seen: Seen, moods: Collection[str] = ANGRY) -> bool:
    found = understood(seen)
    return bool(found.get("wants_human") or found.get("legal") or found.get("empathy")) or found.get("emotion") in moods


WANTED = phrase("%(intent)s — “%(said)s”", "intent")
NOT_UNDERSTOOD, NOTHING = phrase("not understood"), phrase("nothing")
SORTED, WROTE = phrase("sorted the message"), phrase("wrote a reply")
LOOKED, NOT_FOUND = phrase("looked it up (%(sources)s)", "sources"), phrase("nothing found")
NO_ANSWER = phrase("The model gave no usable answer.")
REFUSED = phrase("The guardrails refused the reply. %(refusals)s", "refusals")
WANTS_HUMAN = phrase("The customer asks for a person.")
LEGAL = phrase("The customer speaks of lawyers or a court: say nothing that binds us.")
IN_A_MOOD = phrase("The customer is %(mood)s.", "mood")
OUT_OF_SCOPE = phrase("It is outside what this agent answers.")
REFUND = phrase("A refund of %(amount)s is asked for; amounts like this are decided by a person.")
SOURCES_SILENT = phrase("Its sources say nothing about this.")
UNSURE = phrase("It was not sure enough (confidence %(confidence)s).")
CORRECT = phrase("Correct the draft below and send it.")
SOON = ANSWER_PERSONALLY
KNOW = phrase("Answer from your own knowledge, or close it when nothing can be said.")


def briefing(seen: Seen, moods: Collection[str] = ANGRY) -> dict[str, str]:
    """The four parts a person needs before taking over; none is ever empty."""
    intent, said = understood(seen).get("intent", NOT_UNDERSTOOD), " ".join(seen["input"]["text"].split())[:400]
    wants = WANTED % {"intent": intent, "said": said}
    return {"wants": wants, "tried": _tried(seen), "why": _why(seen, moods), "suggested": _suggestion(seen, moods)}


def _tried(seen: Seen) -> str:
    steps = [SORTED] if understood(seen) else []
    if "retrieve" in seen:
        sources = sorted({one["title"] or one["source"] for one in seen["retrieve"]["passages"]})
        steps.append(LOOKED % {"sources": ", ".join(sources) or NOT_FOUND})
    if "verify" in seen:
        steps.append(WROTE)
    return "; ".join(steps) or NOTHING


def _why(seen: Seen, moods: Collection[str]) -> str:
    found = understood(seen)
    if not found or ("generate" in seen and not written(seen)):
        return NO_ANSWER
    if "verify" in seen:
        return REFUSED % {"refusals": refusals(seen["verify"])}
    if found.get("wants_human"):
        return WANTS_HUMAN
    if found.get("legal"):
        return LEGAL
    if found.get("empathy"):
        return WANTS_EMPATHY % {"said": found["empathy"]}
    if found.get("emotion") in moods:
        return IN_A_MOOD % {"mood": found["emotion"]}
    if found.get("intent") == "out_of_scope":
        return OUT_OF_SCOPE
    if found.get("intent") == "refund" and found.get("amount"):
        return REFUND % {"amount": f"{found['amount']:g}"}
    if "retrieve" in seen and not seen["retrieve"]["passages"]:
        return SOURCES_SILENT
    return UNSURE % {"confidence": found.get("confidence", 0)}


def _suggestion(seen: Seen, moods: Collection[str]) -> str:
    if "verify" in seen and written(seen):
        return CORRECT
    return SOON if urgent(seen, moods) else KNOW
