"""What higher layers give connectors: they set it in `AppConfig.ready()`."""

from collections.abc import Callable

from agents.fleet.models import Agent


def nothing(agent: Agent) -> str:
    """Nobody has context to give."""
    return ""


next_context: Callable[[Agent], str] = nothing
"""What the agent's next run would be told, read from the rows now: campaigns knows."""
