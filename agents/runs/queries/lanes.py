"""How much waits in each lane, for how long, whose it is, and what is held back."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.people.models import Team
from agents.runs import hooks
from agents.runs.enums import Lane
from agents.runs.lanes import LANE, LASTS_S
from agents.runs.models import Hold, Run

WAITING = f"""
SELECT {LANE}, a.team_id, count(*), extract(epoch FROM now() - min(coalesce(r.run_after, r.state_since)))
FROM runs_run r JOIN fleet_agent a ON a.id = r.agent_id
WHERE r.state = 'queued' AND r.signal = '' AND a.lifecycle NOT IN ('paused', 'retired')
  AND (r.run_after IS NULL OR r.run_after <= now()) GROUP BY 1, 2
"""
SERVED = """
SELECT a.team_id, count(*) FROM fleet_agent a JOIN runs_run r ON r.agent_id = a.id
WHERE r.state_since > now() - interval '1 minute' AND r.fence > 0 AND r.queue = 'bulk' GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of one lane: how many are due and not begun, and for how many seconds the oldest has been."""

    lane: Lane
    team_id: uuid.UUID | None
    n: int
    oldest_s: float


def waiting() -> list[Waiting]:
    """Of each team and lane that anything waits in."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        runs = [Waiting(Lane(lane), team, n, float(age)) for lane, team, n, age in cursor.fetchall()]
    return runs + [Waiting(Lane.BROADCAST, *row) for row in hooks.broadcasts_due()]


def together(rows: Iterable[Waiting]) -> dict[Lane, Waiting]:
    """Every lane, whoever's: all that waits, and the oldest."""
    listed = list(rows)
    return {lane: _sum(lane, [row for row in listed if row.lane == lane]) for lane in Lane}


def _sum(lane: Lane, rows: list[Waiting]) -> Waiting:
    return Waiting(lane, None, sum(row.n for row in rows), max((row.oldest_s for row in rows), default=0.0))


def served() -> dict[uuid.UUID, int]:
    """How many runs of the bulk queue each team had taken up or ended in the last minute."""
    with connection.cursor() as cursor:
        cursor.execute(SERVED)
        return dict(cursor.fetchall())


def holds(team: Team | uuid.UUID) -> QuerySet[Hold]:
    """What is held back now of the team's work: its own turn to wait, or everybody's."""
    fresh = timezone.now() - dt.timedelta(seconds=LASTS_S)
    return Hold.objects.filter(Q(team=None) | Q(team=team), ended_at=None, renewed_at__gt=fresh).order_by("since")


def hold_of(run: Run) -> Hold | None:
    """Why a queued run that has not begun is not begun, where that is a hold."""
    if run.fence or run.queue == "urgent":
        return None
    return holds(run.agent.team).filter(lane=Lane.NIGHTLY if run.schedule_id else Lane.BATCH).first()
