"""Holding work back while other work waits too long, and letting it go again; looked at in every sweep."""

import logging
import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from agents.base.hooks import notify
from agents.base.phrases import phrase
from agents.runs.enums import Lane
from agents.runs.lanes import BELOW, DEPTH, FAIR_S, PATIENCE_S
from agents.runs.models import Hold
from agents.runs.queries.lanes import Waiting, served, together, waiting

log = logging.getLogger(__name__)
Place = tuple[uuid.UUID | None, Lane]
PRESSED = phrase("%(n)s of the lane “%(lane)s” wait, the oldest for %(seconds)s s", "lane")
TOO_MUCH = phrase("another team has waited longer than %(seconds)s s, and this one has had more than its share")


def balance() -> None:
    """Hold what must wait by what waits now, and end the holds that are no longer needed."""
    rows = waiting()
    standing = {(hold.team_id, Lane(hold.lane)): hold for hold in Hold.objects.filter(ended_at=None)}
    wanted = _pressed(together(rows), standing) | _unfair(rows)
    with transaction.atomic():
        _write(wanted, standing)
    if wanted.keys() != standing.keys():
        notify("runs")


def _pressed(lanes: Mapping[Lane, Waiting], standing: Mapping[Place, Hold]) -> dict[Place, str]:
    """What is below a lane that has waited too long, with why; once held, until half of that."""
    wanted: dict[Place, str] = {}
    for above, below in BELOW.items():
        found = lanes[above]
        for lane in below:
            part = 0.5 if (None, lane) in standing else 1.0
            if found.oldest_s > part * PATIENCE_S[above] or found.n > part * DEPTH[above]:
                said = {"n": found.n, "lane": above.value, "seconds": round(found.oldest_s)}
                wanted.setdefault((None, lane), PRESSED % said)
    return wanted


def _unfair(rows: Sequence[Waiting]) -> dict[Place, str]:
    """The team that has had most of the workers, while another is owed its share."""
    bulk = [row for row in rows if row.lane in (Lane.NIGHTLY, Lane.BATCH) and row.team_id]
    teams = {row.team_id for row in bulk}
    if len(teams) < 2:
        return {}
    had = {team: n for team, n in served().items() if team in teams}
    most = max(had, key=lambda team: (had[team], str(team)), default=None)
    owed = any(row.oldest_s > FAIR_S and row.team_id != most for row in bulk)
    if most is None or not owed or had[most] * len(teams) <= sum(had.values()):
        return {}
    return {(most, lane): TOO_MUCH % {"seconds": FAIR_S} for lane in (Lane.NIGHTLY, Lane.BATCH)}


def _write(wanted: Mapping[Place, str], standing: Mapping[Place, Hold]) -> None:
    now = timezone.now()
    for (team_id, lane), reason in wanted.items():
        hold = standing.get((team_id, lane)) or Hold(team_id=team_id, lane=lane, since=now)
        hold.reason, hold.renewed_at = reason, now
        hold.save()
        if (team_id, lane) not in standing:
            log.warning("Work of the lane %s waits (team %s): %s", lane, team_id or "any", reason)
    over = [hold.pk for place, hold in standing.items() if place not in wanted]
    Hold.objects.filter(pk__in=over).update(ended_at=now)
