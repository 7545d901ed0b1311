"""What higher layers give runs: they set it in `AppConfig.ready()`."""

from collections.abc import Callable

from agents.runs.models import Run

ContextSource = Callable[[Run], tuple[str, str]]


def nothing(run: Run) -> tuple[str, str]:
    """Nobody has context to give."""
    return "", ""


context_source: ContextSource = nothing
"""Called once a run, inside its first claim's transaction: the text the agent is to know, and its SHA-256."""
