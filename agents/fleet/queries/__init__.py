"""What the fleet looks like. Read only."""

from agents.fleet.queries.coverage import (
    AgentCover,
    Gap,
    OwnerCover,
    coverage,
    owner_of_night,
    unappointed,
    zones_of_nights,
)
from agents.fleet.queries.covering import covers, left_alone, left_to_one
from agents.fleet.queries.fleet import counts, fleet, seats
from agents.fleet.queries.imports import import_problems
from agents.fleet.queries.onboarding import OnboardingLoad, onboarding_load
from agents.fleet.queries.status import PRECEDENCE, derive_status
from agents.fleet.queries.succession import Succession, successions

__all__ = [
    "PRECEDENCE",
    "AgentCover",
    "Gap",
    "OnboardingLoad",
    "OwnerCover",
    "Succession",
    "counts",
    "coverage",
    "covers",
    "derive_status",
    "fleet",
    "import_problems",
    "left_alone",
    "left_to_one",
    "onboarding_load",
    "owner_of_night",
    "seats",
    "successions",
    "unappointed",
    "zones_of_nights",
]
