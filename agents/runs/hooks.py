"""What higher layers give runs: they set it in `AppConfig.ready()`."""

import uuid
from collections.abc import Callable

from agents.engine import Json
from agents.runs.models import Decision, Run, RunException

ContextSource = Callable[[Run], tuple[str, str]]
Answered = Callable[[Run, RunException, Json], None]


def nothing(run: Run) -> tuple[str, str]:
    """Nobody has context to give."""
    return "", ""


context_source: ContextSource = nothing
"""Called once a run, inside its first claim's transaction: the text the agent is to know, and its SHA-256."""
context_due = "false"
"""Whether `context_source` has anything to say, as SQL about the agent `a`: asked where the run is read, so that one
which nobody tells anything costs no round trip."""


def nobody(run: Run, exception: RunException, answer: Json) -> None:
    """Nobody carries answers out of the house: whoever reported the run asks for it."""


answered: Answered = nobody
"""Called in the transaction in which a person answers what a run of another system asked."""


def no_broadcasts() -> list[tuple[uuid.UUID, int, float]]:
    """Nobody broadcasts."""
    return []


broadcasts_due: Callable[[], list[tuple[uuid.UUID, int, float]]] = no_broadcasts
"""Of each team, how many deliveries are due and for how many seconds the oldest has been."""

raised: list[Callable[[RunException], None]] = []
"""Called in the transaction in which something is asked of people, once it is in the queue."""

settled: list[Callable[[Decision, RunException], None]] = []
"""Called in the transaction of a decision that closes an exception, after its answer is kept."""
