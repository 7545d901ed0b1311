"""What the fleet achieved in a night and what it cost, against the night before, a week ago, and the targets."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.base.clock import business_day, night
from agents.base.money import MICRO
from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from agents.runs.models import ITEM
from agents.runs.queries.spending import COST

Found: TypeAlias = dict[tuple[dt.date | None, str, str], Decimal | None]
"""Each figure by its day and, of costs, by currency; None, without currency, where the runs of the day do not tell
them. A target stands without a day."""
KEPT_S = 60
"""Seconds. Nights that are over hardly change: they are not counted at every look."""
MONEY = "money"
SPEND = "spend"
NAMES: dict[str, tuple[str | Promise, str]] = {
    "meetings": (_("meetings"), ""),
    "pipeline": (_("pipeline"), MONEY),
    "resolved": (_("resolved"), ""),
    SPEND: (_("spend"), MONEY),
}
"""Each with its name and unit. Also the keys of `KpiTarget` and `KpiPoint`; money there is in whole units."""
# A meeting is an output of that kind; pipeline is what an outcome of its agent is worth for each meeting or
# opportunity; resolved is a reply or resolution of support whose run ended well; spend is what the runs cost.
# Vendors hand their outputs over late or not at all and report counts of their own: both are lower bounds, so the
# larger one holds. What an agent works out for somebody's item leaves only by that person's decision.
ACHIEVED = f"""
made AS (
  SELECT r.agent_id, r.day, count(*) FILTER (WHERE o.kind = 'meeting') AS meetings,
    count(*) FILTER (WHERE o.kind = 'opportunity') AS opportunities,
    count(*) FILTER (WHERE o.kind IN ('reply', 'resolution') AND r.state = 'done') AS answered
  FROM ran r JOIN runs_output o ON o.run_id = r.id
  WHERE o.kind IN ('meeting', 'opportunity', 'reply', 'resolution') AND r.subject_type <> '{ITEM}' GROUP BY 1, 2),
reported AS (
  SELECT agent_id, day, max(value) FILTER (WHERE key = 'meetings') AS meetings,
    max(value) FILTER (WHERE key = 'resolved') AS resolved
  FROM fleet_kpipoint WHERE agent_id IN (SELECT id FROM seen WHERE vendor <> 'ours')
    AND day = ANY(%(days)s::date[]) AND key IN ('meetings', 'resolved') GROUP BY 1, 2),
counted AS (
  SELECT s.id AS agent, d.day, s.value_per_outcome_micros AS worth, coalesce(m.opportunities, 0) AS opportunities,
    coalesce(greatest(m.meetings, p.meetings), 0) AS meetings,
    coalesce(greatest(m.answered * (s.function = 'support')::int, p.resolved), 0) AS resolved
  FROM seen s CROSS JOIN days d LEFT JOIN made m ON m.agent_id = s.id AND m.day = d.day
  LEFT JOIN reported p ON p.agent_id = s.id AND p.day = d.day),
achieved AS (SELECT agent, day, meetings, (meetings + opportunities) * worth AS pipeline, resolved FROM counted),
spent AS (
  SELECT agent_id AS agent, day, currency, sum(cost_micros) AS spend, count(*) AS runs FROM ran GROUP BY 1, 2, 3)
"""
# OFFSET 0 keeps each look-up a walk along its index; the planner would rather read all runs there ever were.
DAYS = f"""
days AS (SELECT * FROM unnest(%(days)s::date[], %(since)s::timestamptz[], %(until)s::timestamptz[])
         AS d(day, since, until)),
ran AS MATERIALIZED (
  SELECT d.day, r.* FROM days d CROSS JOIN seen s CROSS JOIN LATERAL (
    SELECT id, agent_id, state, {COST} AS cost_micros, currency, subject_type FROM runs_run r
    WHERE agent_id = s.id AND created_at >= d.since AND created_at < d.until OFFSET 0) r),
"""
MINE = f"WITH seen AS (SELECT * FROM fleet_agent WHERE team_id = %(team)s AND id IN ({SEEN}))"
NIGHTS = f"""
{MINE},
{DAYS}
{ACHIEVED}
SELECT day, '', sum(meetings), sum(pipeline), sum(resolved), NULL FROM achieved GROUP BY day
UNION ALL SELECT day, currency, NULL, NULL, NULL, sum(spend) FROM spent GROUP BY day, currency
"""
TARGETS = """
SELECT NULL, '', sum(target) FILTER (WHERE key = 'meetings'), sum(target) FILTER (WHERE key = 'pipeline'),
  sum(target) FILTER (WHERE key = 'resolved'), sum(target) FILTER (WHERE key = 'spend')
  FROM fleet_kpitarget WHERE agent_id IN (SELECT id FROM seen)
"""


@dataclass(frozen=True)
class Outcome:
    """One figure of the night; `currency` is that of money, which is in its micro-units. None: not told, or, of
    `target`, not set or in another currency.
    """

    key: str
    name: str | Promise
    value: int | None
    yesterday: int | None
    last_week: int | None
    target: int | None
    currency: str


def night_of(day: dt.date, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """What counts for a business day: from the end of the night before it to the end of its own night."""
    return night(day - dt.timedelta(days=1), zone)[1], night(day, zone)[1]


def columns(days: list[dt.date], zone: ZoneInfo) -> dict[str, list[dt.date] | list[dt.datetime]]:
    """The nights of these days as columns, for SQL."""
    nights = [night_of(day, zone) for day in days]
    return {"days": days, "since": [since for since, _until in nights], "until": [until for _since, until in nights]}


def outcomes(user: User, team: Team, now: dt.datetime) -> list[Outcome]:
    """The last night of the agents the person may see, by the person's clock; one query.

    What agents earn and their targets are said in the team's currency. Costs of runs are in theirs, one figure each.
    """
    today = business_day(now, user.tzinfo)
    days = [today, today - dt.timedelta(days=1), today - dt.timedelta(days=7)]
    over = [day for day in days if night_of(day, user.tzinfo)[1] <= now]
    kept = caches["moments"].get(place := f"outcomes/{user.pk}/{team.pk}/{today}/{len(over)}")
    found = _found(user, team, days if kept is None else [day for day in days if day not in over])
    if kept is None:
        caches["moments"].set(place, {at: found[at] for at in found if at[0] in over}, KEPT_S)
    found |= kept or {}
    earned = [_outcome(key, found, days, team.currency) for key in NAMES if key != SPEND]
    return earned + [_spend(found, days, currency, team) for currency in _currencies(found) or [team.currency]]


def _found(user: User, team: Team, days: list[dt.date]) -> Found:
    """Of these days; and the targets, which are always read."""
    sql = f"{NIGHTS} UNION ALL {TARGETS}" if days else MINE + TARGETS
    with connection.cursor() as cursor:
        cursor.execute(sql, {"team": team.pk, "user": user.pk, **columns(days, user.tzinfo)})
        rows = cursor.fetchall()
    named = [(day, key, of, value) for day, of, *values in rows for key, value in zip(NAMES, values, strict=True)]
    told: Found = {(day, key, of): value for day, key, of, value in named if value is not None}
    priced = {day for day, key, _of in told if key == SPEND}
    return told | {(day, SPEND, ""): None for day, of, *_values in rows if of and day not in priced}


def _outcome(key: str, found: Found, days: list[dt.date], currency: str) -> Outcome:
    name, unit = NAMES[key]
    target = found.get((None, key, ""))
    aim = None if target is None else int(target * (MICRO if unit == MONEY else 1))
    value, yesterday, last_week = (int(found.get((day, key, "")) or 0) for day in days)
    return Outcome(key, name, value, yesterday, last_week, aim, currency if unit == MONEY else "")


def _currencies(found: Found) -> list[str]:
    """Those that anything was paid in."""
    return sorted({currency for (_day, _key, currency), value in found.items() if currency and value})


def _spend(found: Found, days: list[dt.date], currency: str, team: Team) -> Outcome:
    target = found.get((None, SPEND, "")) if currency == team.currency else None
    told = (found.get((day, SPEND, ""), found.get((day, SPEND, currency), Decimal())) for day in days)
    value, yesterday, last_week = (None if each is None else int(each) for each in told)
    aim = None if target is None else int(target * MICRO)
    return Outcome(SPEND, NAMES[SPEND][0], value, yesterday, last_week, aim, currency)
