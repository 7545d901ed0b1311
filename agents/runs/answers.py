"""What may be decided about an exception, and the answer that a decision gives the waiting run."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from jsonschema.exceptions import ValidationError

from agents.base.errors import Invalid
from agents.engine import Json
from agents.engine.state import storable
from agents.runs.enums import DecisionKind, ExceptionKind
from agents.runs.models import RunException
from agents.runs.schemas import is_sound, misfits

K = DecisionKind
HELD = (K.APPROVE, K.REJECT)
"""What may be said to a sample, and by the second person to what the first has approved, besides LATER."""
OFFER = (K.APPROVE, K.EDIT, K.REJECT)
"""What may be said to a proposal."""
LATER = (K.ESCALATE, K.SKIP)
"""These leave the item in the queue."""
# The engine's own questions: their proposal only informs, the answer is one of the outcomes of their schema.
ENGINE_ASKS = (ExceptionKind.UNKNOWN_EFFECT, ExceptionKind.REPLAY_MISMATCH, ExceptionKind.BUDGET)


def choices(exception: RunException) -> tuple[DecisionKind, ...]:
    """The decisions that make sense: approve, edit or reject a proposal, say whether a sample
    was right, answer a question, close a report."""
    if exception.kind == ExceptionKind.SAMPLE:
        return (*HELD, *LATER)
    if proposes(exception):
        return (*OFFER, K.RESPOND, *LATER)
    return (K.RESPOND, *LATER) if exception.step_key else (K.RESPOND, K.IGNORE, *LATER)


def proposes(exception: RunException) -> bool:
    """Whether the exception asks to let something happen."""
    return exception.proposal is not None and exception.kind not in ENGINE_ASKS


def answer_for(exception: RunException, kind: DecisionKind, payload: Json, note: str) -> Json:
    """The output of the person's step.

    To a proposal: `{"decision": approve|edit|reject|respond, "proposal": what may happen or None, "note"}`, where an
    edit or a response gives the payload as the new proposal; so does the second person's approval of an edit. To a
    question: the payload itself, fitting its schema, or `{"text"}` where there is none. Raises Invalid with `fields`.
    """
    if kind in (K.EDIT, K.RESPOND):
        payload = fitting(exception.schema, payload, note)
    if not proposes(exception):
        return payload if kind is K.RESPOND else {"decision": kind.value, "note": note}
    kind = K.EDIT if kind is K.APPROVE and payload is not None else kind
    return {"decision": kind.value, "proposal": happens(exception, kind, payload), "note": note}


def happens(exception: RunException, kind: DecisionKind, payload: Json) -> Json:
    """What a decision about a proposal lets happen; None for nothing."""
    if kind is K.APPROVE and payload is None:
        return exception.proposal
    return payload if kind in (K.APPROVE, K.EDIT, K.RESPOND) else None


def denied(exception: RunException, note: str) -> Json:
    """The answer of an approval that nobody gave in time."""
    return {"decision": K.REJECT.value, "proposal": None, "note": note}


def fitting(schema: Mapping[str, Any], payload: Json, note: str) -> Json:
    """The payload as the journal will keep it, checked against the schema; free text where there is no usable one."""
    try:
        payload = storable(payload)
    except (TypeError, ValueError):
        raise Invalid(_("The answer is not JSON."), fields={"answer": [_("Not JSON.")]}) from None
    if not schema or not is_sound(schema):
        return payload if payload not in (None, "") else {"text": _written(note)}
    if problems := misfits(schema, payload):
        raise Invalid(_("The answer does not fit the question."), "answer_schema", _by_field(problems))
    return payload


def _written(note: str) -> str:
    if not note.strip():
        raise Invalid(_("Write an answer."), fields={"note": [_("Write an answer.")]})
    return note


def _by_field(problems: list[ValidationError]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(".".join(map(str, problem.absolute_path)) or "answer", []).append(problem.message[:300])
    return fields
