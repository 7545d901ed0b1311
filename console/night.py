"""A team's whole night in one go, part by part: for the demo, for trying out, for a morning that must be ready now."""

import time
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from django.utils import timezone

from agents.base.clock import business_day
from agents.connectors.actions import open_check_ins, sync, watch_silence
from agents.connectors.models import Connection
from agents.people.models import Team
from agents.runs.actions import check_outputs, fire_schedules, open_reviews, rank_items
from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Run
from console.kpis.points import measure

PATIENCE_S = 600.0
"""How long runs that workers have in hand are waited for."""
PAUSE_S = 0.5


def night(team: Team) -> Iterator[str]:
    """Does each part and says what came of it, a line a part. A part that has nothing to do says zero."""
    for part in PARTS:
        yield f"{part.__name__.strip('_')}: {part(team)}"


def _schedules(team: Team) -> str:
    """All teams' due schedules fire: they would within twenty seconds anyway."""
    return f"{sum(run.agent.team_id == team.pk for run in fire_schedules())} runs started"


def _runs(team: Team) -> str:
    """Every queued run, here; those that workers have in hand are awaited."""
    queued = Run.objects.filter(agent__team=team, state=RunState.QUEUED, source="")
    ids = list(queued.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        drive(pk)
    in_hand = Run.objects.filter(agent__team=team, state=RunState.RUNNING, source="")
    until = time.monotonic() + PATIENCE_S
    while in_hand.exists() and time.monotonic() < until:
        time.sleep(PAUSE_S)
    return f"{len(ids)} carried out, {in_hand.count()} still in hand"


def _connections(team: Team) -> str:
    found = Connection.objects.filter(agent__team=team).select_related("agent__team").order_by("agent__slug")
    results = [result for result in map(sync, found) if result is not None]
    failed = sum(bool(result.problem) for result in results)
    new, known = sum(r.created + r.updated for r in results), sum(r.known for r in results)
    return f"{len(results)} synced, {failed} failed, {new} runs new or further, {known} known already"


def _silence(team: Team) -> str:
    return f"{watch_silence()} agents silent"


def _check_ins(team: Team) -> str:
    return f"{len(open_check_ins(team=team))} opened"


def _figures(team: Team) -> str:
    return f"{measure(team)} points measured"


def _reviews(team: Team) -> str:
    today = business_day(timezone.now(), ZoneInfo(team.zone))
    return f"{len(open_reviews(team, today))} opened"


def _checks(team: Team) -> str:
    """All teams' outputs: they would be checked within five minutes anyway."""
    return f"{check_outputs()} outputs checked"


def _ranks(team: Team) -> str:
    return f"{rank_items(team.pk)} items ranked"


PARTS: tuple[Callable[[Team], str], ...] = (
    _schedules,
    _runs,
    _connections,
    _silence,
    _check_ins,
    _figures,
    _reviews,
    _checks,
    _ranks,
)
