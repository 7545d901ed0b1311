"""The daily talk with one agent: what it did, what it waits for, what it does next, how it fares, what it was told."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from agents.base.clock import local_instant
from agents.fleet.models import Agent, Instruction, KpiPoint, KpiTarget, Schedule
from agents.fleet.queries import owner_of_night
from agents.runs.enums import OPEN_REVIEWS, ReviewState, RunState
from agents.runs.models import DailyReview, Run
from agents.runs.queries.alike import folded_together
from agents.runs.queries.digests import Digest, digests_of
from agents.runs.queries.queue import is_well, item_of
from agents.runs.queries.seen import worst_of
from agents.runs.queries.worst import Item
from agents.runs.window import Window

SHOWN = 20
READ = 3 * SHOWN
"""Of so many of the agent's worst items those that ask the same are folded."""
TOOK = """
WITH ran AS (
  SELECT r.id, r.instruction_id = %(last)s AS carried, r.created_at <= %(at)s AS before,
    r.state IN ('failed', 'quarantined') OR EXISTS (SELECT FROM runs_flaw WHERE run_id = r.id) OR EXISTS (
      SELECT FROM runs_runexception WHERE run_id = r.id AND kind NOT IN ('approval', 'question', 'check_in')) AS wrong,
    r.instruction_id = %(last)s OR (r.source <> '' AND r.created_at > %(at)s) AS since
  FROM runs_run r WHERE r.agent_id = %(agent)s AND r.created_at > %(at)s - make_interval(days => %(days)s))
SELECT count(*) FILTER (WHERE carried), (array_agg(id ORDER BY id DESC) FILTER (WHERE carried))[1],
  count(*) FILTER (WHERE since), count(*) FILTER (WHERE since AND wrong),
  count(*) FILTER (WHERE before AND since IS NOT TRUE), count(*) FILTER (WHERE before AND since IS NOT TRUE AND wrong)
FROM ran
"""
A_WEEK = 7


@dataclass(frozen=True)
class Next:
    """Something the agent will do: a run that is queued, or one that its schedule starts. `run` None: not yet made."""

    at: dt.datetime | None
    title: str
    run: Run | None


@dataclass(frozen=True)
class Kpi:
    """One KPI with its newest value and the value before; None where there is none."""

    key: str
    value: Decimal | None
    before: Decimal | None
    day: dt.date | None
    target: Decimal | None
    unit: str
    better: str

    @property
    def on_target(self) -> bool | None:
        """None when value or target is missing."""
        if self.value is None or self.target is None:
            return None
        return self.value >= self.target if self.better == "higher" else self.value <= self.target


@dataclass(frozen=True)
class Feedback:
    """The last thing the agent was told, and the runs that were given it: how many, and the newest.

    Of those, and of other people's agents' runs since then, `wrong` of `since` went wrong; in the week before it was
    `wrong_before` of `before`. Wrong: it failed, was found wrong, or raised what no approval or check-in is.
    """

    instruction: Instruction
    runs: int
    newest: uuid.UUID | None
    since: int
    wrong: int
    before: int
    wrong_before: int


@dataclass(frozen=True)
class OneOnOne:
    """`review` is the agent's newest one (None: it never had one); `window` what `did` is about.

    `waits` are the worst that wait, what asks the same once; `more`: there may be more of each than it says.
    """

    agent: Agent
    review: DailyReview | None
    window: Window
    did: Digest
    waits: list[Item]
    more: bool
    next: list[Next]
    kpis: list[Kpi]
    feedback: Feedback | None

    @property
    def is_quiet(self) -> bool:
        """Nothing waits, nothing failed, the agent is well, and no KPI misses its target."""
        return self.did.is_quiet and self._is_calm

    @property
    def is_brief(self) -> bool:
        """Three lines say it: it was quiet, or somebody has decided the day and nothing is left of it."""
        decided = self.review is not None and self.review.state not in (*OPEN_REVIEWS, ReviewState.SKIPPED)
        return (decided or self.did.is_quiet) and self._is_calm

    @property
    def _is_calm(self) -> bool:
        well = not self.waits and is_well(self.agent)
        return well and all(kpi.on_target is not False for kpi in self.kpis)


def one_on_one(agent: Agent, *, now: dt.datetime | None = None) -> OneOnOne:
    """Everything for the talk; the caller has checked that the person may see the agent. Twelve queries at most."""
    now = now or timezone.now()
    review = DailyReview.objects.filter(agent=agent).order_by("-day").first()
    window = _window(agent, review, now)
    [did] = digests_of([agent.pk], [agent.pk], [window]).values()
    read = worst_of(agent, READ)
    return OneOnOne(
        agent=agent,
        review=review,
        window=window,
        did=did,
        waits=[replace(item_of(each), folded=n - 1) for each, n in folded_together(read)[:SHOWN]],
        more=len(read) == READ,
        next=[*_queued(agent), *_scheduled(agent, now)],
        kpis=kpis(agent),
        feedback=_feedback(agent),
    )


def _window(agent: Agent, review: DailyReview | None, now: dt.datetime) -> Window:
    """Since the last look; after today's review was decided, what it was about."""
    if review is None:
        return Window(agent.created_at, max(now, agent.created_at))
    if review.state == ReviewState.SKIPPED:
        return Window(review.since, max(now, review.since))
    return Window(review.since, review.until or max(now, review.since))


def _queued(agent: Agent) -> list[Next]:
    runs = Run.objects.filter(agent=agent, state__in=[RunState.QUEUED, RunState.RUNNING]).order_by("pk")[:SHOWN]
    return [Next(run.run_after or run.state_since, run.title, run) for run in runs]


def _scheduled(agent: Agent, now: dt.datetime) -> list[Next]:
    """The next time of each schedule, soonest first."""
    schedules = list(Schedule.objects.filter(agent=agent, enabled=True).order_by("pk"))
    night = owner_of_night(agent) if any(not schedule.zone for schedule in schedules) else None
    due = [(at, schedule) for schedule in schedules for at in _next_due(schedule, night, now)]
    return [Next(at, "", None) for at, _schedule in sorted(due, key=lambda pair: pair[0])]


def _next_due(schedule: Schedule, night: ZoneInfo | None, now: dt.datetime) -> Iterator[dt.datetime]:
    """One instant, or none for a schedule without weekdays."""
    zone = ZoneInfo(schedule.zone) if schedule.zone or night is None else night
    today = now.astimezone(zone).date()
    for day in (today + dt.timedelta(days=ahead) for ahead in range(A_WEEK + 1)):
        at = local_instant(day, schedule.local_time, zone)
        if at > now and str(day.isoweekday()) in schedule.weekdays:
            yield at
            return


def kpis(agent: Agent) -> list[Kpi]:
    """Every KPI of the agent that has a target or was measured in the last week it was measured at all; two queries."""
    targets = {target.key: target for target in KpiTarget.objects.filter(agent=agent)}
    newest = KpiPoint.objects.filter(agent=agent).aggregate(day=Max("day"))["day"]
    points: dict[str, list[KpiPoint]] = {key: [] for key in targets}
    if newest:
        since = newest - dt.timedelta(days=A_WEEK)
        for point in KpiPoint.objects.filter(agent=agent, day__gt=since).order_by("-day"):
            points.setdefault(point.key, []).append(point)
    return [_kpi(key, found, targets.get(key)) for key, found in sorted(points.items())]


def _kpi(key: str, points: list[KpiPoint], target: KpiTarget | None) -> Kpi:
    value, before = (points[place] if len(points) > place else None for place in (0, 1))
    return Kpi(
        key=key,
        value=value.value if value else None,
        before=before.value if before else None,
        day=value.day if value else None,
        target=target.target if target else None,
        unit=target.unit if target else "",
        better=target.better if target else "higher",
    )


def _feedback(agent: Agent) -> Feedback | None:
    """With the runs that got this version."""
    last = Instruction.objects.filter(agent=agent).select_related("created_by").order_by("-number").first()
    if last is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(TOOK, {"agent": agent.pk, "last": last.pk, "at": last.created_at, "days": A_WEEK})
        return Feedback(last, *cursor.fetchone())
