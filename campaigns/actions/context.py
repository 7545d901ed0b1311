"""What a run of ours is given to know, and the record of it, in the transaction that claims the run."""

from agents.fleet.models import Agent
from agents.runs.models import Run
from campaigns.enums import AppliesTo
from campaigns.models import ContextUse, Delivery
from campaigns.queries import context_held
from campaigns.words import sha256

# Every claim asks, and most agents were never told anything.
CONTEXT_DUE = "EXISTS (SELECT FROM campaigns_delivery d WHERE d.agent_id = a.id)"
"""SQL about the agent `a`: whether `give_context` has anything to look for."""


def give_context(run: Run) -> tuple[str, str]:
    """The text of every version in force for the run's agent, and its SHA-256; each use is written down."""
    given = [row for row in context_held([run.agent]) if _applies(row, run)]
    if not given:
        return "", ""
    uses = [ContextUse(run=run, version_id=row.rendering.version_id, delivery=row) for row in given if row.rendering]
    ContextUse.objects.bulk_create(uses, ignore_conflicts=True)
    text = _joined(given)
    return text, sha256(text)


def next_context(agent: Agent) -> str:
    """What a run of the agent that began now would be told."""
    return _joined(list(context_held([agent])))


def _applies(row: Delivery, run: Run) -> bool:
    """What is for new work only is not told to runs that were queued before it was broadcast."""
    version = row.rendering.version if row.rendering else None
    return version is not None and (version.applies_to == AppliesTo.IN_FLIGHT or run.created_at >= row.created_at)


def _joined(rows: list[Delivery]) -> str:
    return "\n\n".join(row.rendering.text for row in rows if row.rendering)
