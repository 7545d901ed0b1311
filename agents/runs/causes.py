"""Why something went wrong, as the person who closes it found (R-061): asked for, with a guess to begin with."""

from agents.runs.answers import proposes
from agents.runs.enums import DecisionKind, ExceptionKind, RootCause
from agents.runs.models import RunException

K, C = ExceptionKind, RootCause
GUESSES = {
    K.GUARDRAIL: C.MODEL,
    K.HANDOFF: C.CASE,
    K.FAILURE: C.TOOL,
    K.QUARANTINE: C.TOOL,
    K.SILENCE: C.VENDOR,
    K.SYNC_FAILED: C.VENDOR,
    K.STALE_CONTEXT: C.CONTEXT,
}
"""What went wrong, by kind, with the commonest cause. What only asks did not go wrong."""
CLOSES = (DecisionKind.RESPOND, DecisionKind.IGNORE)


def wants_cause(exception: RunException) -> bool:
    """Whether whoever closes it says why it came about."""
    return exception.kind in GUESSES and not proposes(exception)


def guess(exception: RunException, last: str = "") -> RootCause:
    """What is ticked to begin with: the cause of the same trouble last time, else the commonest of its kind."""
    return RootCause(last) if last and last != C.OTHER else GUESSES.get(ExceptionKind(exception.kind), C.OTHER)
