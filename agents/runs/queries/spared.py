"""What answers that were given again have saved a team."""

import uuid
from dataclasses import dataclass

from django.db.models import Count, F, Sum

from agents.runs.models import KeptAnswer


@dataclass(frozen=True, slots=True)
class Spared:
    """Of the last month: calls that could have been spared, those that were, and their price in micro-units of USD."""

    asked: int
    spared: int
    saved_micros: int

    @property
    def percent(self) -> int:
        """Spared ÷ asked (requirements §3, cache hit rate)."""
        return round(100 * self.spared / self.asked) if self.asked else 0


def spared(team_id: uuid.UUID) -> Spared:
    """What the team's kept answers were worth; those that ended a month ago are forgotten."""
    rows = KeptAnswer.objects.filter(team_id=team_id)
    sums = rows.aggregate(
        paid=Count("pk"), again=Sum("uses", default=0), saved=Sum(F("uses") * F("cost_micros"), default=0)
    )
    return Spared(sums["paid"] + sums["again"], sums["again"], int(sums["saved"]))
