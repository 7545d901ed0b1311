"""What the engine itself asks a person: an unclear effect, a changed input, an empty budget."""

from __future__ import annotations

from agents.engine.call import Question
from agents.engine.graph import Kind
from agents.engine.journal import StepRecord
from agents.engine.state import Json, digest

UNKNOWN, STOP = "outcome_unknown", "Stop this run"


def unknown_outcome(found: StepRecord) -> Question:
    """Did the effect take place? Only a person, or the receiver's own records, can tell."""
    title = f"Did “{found.node}” take effect?"
    detail = f"It was announced and perhaps sent; no confirmation arrived. {found.error}".strip()
    outcomes = {"happened": "It happened", "send_again": "It did not: send it again", "give_up": "Give it up"}
    return _asked(UNKNOWN, title, detail, outcomes, found.input, output={})


def replay_mismatch(found: StepRecord) -> Question:
    """A recorded step would now be given another input: the flow or its data changed under the run."""
    title = f"“{found.node}” has run on another input"
    detail = "The flow or its data changed since. What was recorded stays as it is."
    return _asked("replay_mismatch", title, detail, {"go_on": "Go on with what was recorded", "stop": STOP})


def drift(broken: list[str]) -> Question:
    """At a checkpoint, constraints of the goal do not hold."""
    title, detail = "The work has drifted from its constraints", "; ".join(broken)
    return _asked("drift", title, detail, {"go_on": "Go on all the same", "stop": STOP})


def budget(intent: StepRecord, why: str) -> Question:
    """The step could not reserve its amount."""
    outcomes = {"try_again": "The budget was raised: try again", "stop": STOP}
    amount: Json = {"cost_micros": intent.cost_micros, "currency": intent.currency}
    return _asked("budget", f"The budget does not cover “{intent.node}”", why, outcomes, amount)


def asked_about(step: StepRecord, suffix: str) -> StepRecord:
    """The person step that holds the answer to a question about `step`."""
    about = {"step": step.key}
    return StepRecord(
        key=f"{step.key}/{suffix}",
        node=step.node,
        kind=Kind.PERSON,
        branch=step.branch,
        visit=step.visit,
        input=about,
        input_sha256=digest(about),
    )


def _asked(
    reason: str, title: str, detail: str, outcomes: dict[str, str], proposal: Json = None, **more: Json
) -> Question:
    schema = {
        "type": "object",
        "properties": {
            "outcome": {"type": "string", "oneOf": [{"const": name, "title": said} for name, said in outcomes.items()]},
            **more,
        },
        "required": ["outcome"],
        "additionalProperties": False,
    }
    return Question(reason=reason, title=title, detail=detail, schema=schema, proposal=proposal, severity="high")
