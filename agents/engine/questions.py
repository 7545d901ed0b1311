"""What the engine itself asks a person: an unclear effect, a changed input, an empty budget."""

from __future__ import annotations

from agents.engine.call import Question
from agents.engine.graph import Kind
from agents.engine.journal import StepRecord
from agents.engine.state import Json, digest

UNKNOWN = "outcome_unknown"


def unknown_outcome(found: StepRecord) -> Question:
    """Did the effect take place? Only a person, or the receiver's own records, can tell."""
    return Question(
        reason=UNKNOWN,
        title=f"Did “{found.node}” take effect?",
        detail=f"It was announced and perhaps sent; no confirmation arrived. {found.error}".strip(),
        schema=_choice({"happened": "It happened", "send_again": "It did not: send it again", "give_up": "Give it up"}),
        proposal=found.input,
        severity="high",
    )


def replay_mismatch(found: StepRecord) -> Question:
    """A recorded step would now be given another input: the flow or its data changed under the run."""
    return Question(
        reason="replay_mismatch",
        title=f"“{found.node}” has run on another input",
        detail="The flow or its data changed since. What was recorded stays as it is.",
        schema=_choice({"go_on": "Go on with what was recorded", "stop": "Stop this run"}),
        severity="high",
    )


def drift(broken: list[str]) -> Question:
    """At a checkpoint, constraints of the goal do not hold."""
    return Question(
        reason="drift",
        title="The work has drifted from its constraints",
        detail="; ".join(broken),
        schema=_choice({"go_on": "Go on all the same", "stop": "Stop this run"}),
        severity="high",
    )


def budget(intent: StepRecord, why: str) -> Question:
    """The step could not reserve its amount."""
    return Question(
        reason="budget",
        title=f"The budget does not cover “{intent.node}”",
        detail=why,
        schema=_choice({"try_again": "The budget was raised: try again", "stop": "Stop this run"}),
        proposal={"cost_micros": intent.cost_micros, "currency": intent.currency},
        severity="high",
    )


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


def _choice(outcomes: dict[str, str]) -> dict[str, Json]:
    options = [{"const": name, "title": title} for name, title in outcomes.items()]
    return {
        "type": "object",
        "properties": {"outcome": {"type": "string", "oneOf": options}, "output": {}},
        "required": ["outcome"],
        "additionalProperties": False,
    }
