"""How often the synchronous lane kept its deadline (R-187)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, FloatField, Q, QuerySet

from agents.runs.enums import LaneOutcome
from agents.runs.models import LaneCall, Run


class Quantiles(Aggregate):
    """The middle and the 95th percentile, as PostgreSQL interpolates them."""

    function = "percentile_cont"
    template = "%(function)s(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, slots=True)
class Lane:
    """Callers who waited: how many were answered in time, told that it is late, or found no seat."""

    n: int
    late: int
    full: int
    p50_ms: int
    p95_ms: int

    @property
    def percent(self) -> float:
        """Breaches ÷ calls: late, or not even waited for."""
        return 100 * (self.late + self.full) / self.n if self.n else 0


def lane(runs: QuerySet[Run]) -> Lane | None:
    """Of the callers who waited for these runs; None without any."""
    said: dict[str, Any] = LaneCall.objects.filter(run__in=runs).aggregate(
        n=Count("pk"),
        late=Count("pk", filter=Q(outcome=LaneOutcome.LATE)),
        full=Count("pk", filter=Q(outcome=LaneOutcome.FULL)),
        took=Quantiles("took_ms", output_field=ArrayField(FloatField())),
    )
    took: Sequence[float] | None = said.pop("took")
    return Lane(**said, p50_ms=round(took[0]), p95_ms=round(took[1])) if took else None
