"""Reading the state of a ticket: what guardrails refused, what a person said, which reply is final."""

from collections.abc import Mapping

from agents.engine import Json

Seen = Mapping[str, Json]


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


def urgent(seen: Seen) -> bool:
    found = understood(seen)
    return bool(found.get("wants_human")) or found.get("emotion") == "angry"


def briefing(seen: Seen) -> str:
    """The four parts a person needs before taking over; none is ever empty."""
    found = understood(seen)
    wants = f"{found.get('intent', 'not understood')} — “{seen['input']['text'][:400]}”"
    return "\n\n".join(
        (
            f"**What the customer wants.** {wants}",
            f"**What was tried.** {_tried(seen)}",
            f"**Why the agent did not finish.** {_why(seen)}",
            f"**Suggested.** {_suggestion(seen)}",
        )
    )


def _tried(seen: Seen) -> str:
    steps = ["sorted the message"] if understood(seen) else []
    if "retrieve" in seen:
        sources = sorted({one["title"] or one["source"] for one in seen["retrieve"]["passages"]})
        steps.append(f"looked it up ({', '.join(sources) or 'nothing found'})")
    if "verify" in seen:
        steps.append("wrote a reply")
    return ", ".join(steps) or "nothing"


def _why(seen: Seen) -> str:
    found = understood(seen)
    if not found or ("generate" in seen and not written(seen)):
        return "The model gave no usable answer."
    if "verify" in seen:
        return f"The guardrails refused the reply. {refusals(seen['verify'])}"
    if found.get("wants_human"):
        return "The customer asks for a person."
    if found.get("intent") == "out_of_scope":
        return "It is outside what this agent answers."
    if found.get("intent") == "refund" and found.get("amount"):
        return f"A refund of {found['amount']:g} is asked for; amounts like this are decided by a person."
    if "retrieve" in seen and not seen["retrieve"]["passages"]:
        return "Its sources say nothing about this."
    return f"It was not sure enough (confidence {found.get('confidence', 0)})."


def _suggestion(seen: Seen) -> str:
    if "verify" in seen and written(seen):
        return "Correct the draft below and send it."
    if urgent(seen):
        return "Answer personally and soon; acknowledge what went wrong first."
    return "Answer from your own knowledge, or close it when nothing can be said."
