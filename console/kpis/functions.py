"""What each department is measured by, the leading figure first."""

from collections.abc import Mapping

from agents.fleet.enums import Function
from campaigns.actions.measuring import STALE_MINUTES
from console.kpis.measures import MEASURED

F = Function
SETS: Mapping[str, tuple[str, ...]] = {
    F.SALES: ("meetings", "pipeline", "success_rate", "escalation_rate", "cost_per_run"),
    F.MARKETING: ("meetings", STALE_MINUTES, "success_rate", "guardrail_hit_rate", "cost_per_run"),
    F.SUPPORT: (
        "time_to_resolution", "first_contact_resolution", "csat", "nps", "resolution_rate", "deflection_rate",
        "escalation_rate",
    ),
    F.BILLING: ("time_to_resolution", "first_contact_resolution", "extraction_accuracy", "escalation_rate"),
    F.RETENTION: ("nps", "csat", "first_contact_resolution", "deflection_rate", "cost_per_run"),
    F.LEGAL: ("guardrail_hit_rate", "escalation_rate", "extraction_accuracy", "cycle_time"),
    F.FINANCE: ("extraction_accuracy", "success_rate", "cycle_time", "cost_per_run"),
    F.OPERATIONS: ("success_rate", "cycle_time", "hop_targets_met", "retry_rate", "cost_per_run"),
}  # fmt: skip
ALL = (
    "runs", "time_to_resolution", "resolution_rate", "deflection_rate", "success_rate", "escalation_rate",
    "first_contact_resolution", "csat", "latency_p95", "retry_rate", "guardrail_hit_rate", "cost_per_run", "spend",
)  # fmt: skip
"""What is compared where no department is chosen."""


def compared(function: str) -> tuple[str, ...]:
    """Of what is measured here for every scope, what parts are compared by."""
    own = SETS.get(function)
    return ("runs", *(key for key in own if key in MEASURED)) if own else ALL


def place(function: str, key: str) -> int:
    """Where a figure stands on a department's board: its own first, the others after them, as they come."""
    own = SETS.get(function, ())
    return own.index(key) if key in own else len(own)
