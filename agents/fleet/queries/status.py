"""From evidence to one word: the only place that says which observation outweighs which."""

from agents.fleet.enums import Observed

# Worst first. What is known to be broken outweighs what is merely not known; a person who is waited for outweighs
# what will pass by itself; and work in hand outweighs rest.
PRECEDENCE = (
    Observed.FAILED,
    Observed.DISCONNECTED,
    Observed.WAITING_ON_HUMAN,
    Observed.DEGRADED,
    Observed.SILENT,
    Observed.RUNNING,
    Observed.IDLE,
)


def derive_status(
    *,
    failed: bool = False,
    disconnected: bool = False,
    waiting: int = 0,
    degraded: bool = False,
    silent: bool = False,
    running: int = 0,
) -> Observed:
    """The agent's one state from what is true of it now.

    `failed`: its last finished run failed or was quarantined. `disconnected`: we cannot reach it. `waiting`: open
    exceptions. `degraded`: it works, but slower, dearer or worse than agreed. `silent`: nothing came when something was
    due. `running`: runs in hand.
    """
    facts = (failed, disconnected, waiting, degraded, silent, running, True)
    return next(state for state, fact in zip(PRECEDENCE, facts, strict=True) if fact)
