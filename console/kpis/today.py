"""Everything Today says, in five queries whatever the size of the fleet."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from agents.base.clock import business_day
from agents.base.ids import first_id
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from agents.runs.queries import Need, named
from agents.runs.queries.narrowing import FITTING
from agents.runs.queries.worst import EVERYTHING, FROM_FACETS, HELD
from audit.verbs import label
from console.addresses import address
from console.kpis.cards import Card, cards
from console.kpis.fleet import Fleet, FleetRow, fleet_now
from console.kpis.force import Force, in_force_now
from console.kpis.outcomes import Outcome, outcomes
from console.kpis.shortfall import Shortfall, shortfall

SHOWN = 10
LOOKED_AGO = dt.timedelta(hours=24)
# Nouns of the trail that tell how agents fare; of runs only how they go wrong.
TOLD = (
    r"^(agent|owner|exception|decision|review|instruction|campaign|version|broadcast|kpi_target|schedule|knowledge)\."
)
TOLD += r"|^run\.(failed|quarantined)$"
PAGES = {"runs.Run": "run", "runs.RunException": "exception"}


WAITING = f"""
WITH RECURSIVE mine AS MATERIALIZED (
  SELECT id FROM fleet_agent WHERE team_id = %(team)s AND lifecycle <> 'retired' AND id IN ({SEEN})),
fitting AS MATERIALIZED ({FITTING} AND {{condition}}),
{HELD.format(of="mine").strip()},
worst AS MATERIALIZED (SELECT i.id {FROM_FACETS.format(most=SHOWN, above="")} ORDER BY i.rank DESC, i.id LIMIT {SHOWN})
SELECT i.id, runs_runexception.title, runs_runexception.agent_id, runs_runexception.opened_at,
  coalesce((SELECT name FROM people_user WHERE id = coalesce(i.claimed_by_id, i.assignee_id)),
           (SELECT u.name FROM fleet_agentowner o JOIN people_user u ON u.id = o.user_id
            WHERE o.agent_id = i.agent_id AND o.role = 'primary'))
FROM worst JOIN runs_reviewitem i ON i.id = worst.id
JOIN runs_runexception ON runs_runexception.id = i.exception_id
ORDER BY i.rank DESC, runs_runexception.opened_at, runs_runexception.id
"""
# Bounded by the id, which begins with the time: the trail of a month is long, and a quiet night adds little to it.
CHANGED = f"""
SELECT agent_id, at, actor_label, verb, object_type, object_id FROM audit_auditevent
WHERE agent_id = ANY(%(agents)s) AND id >= %(since)s AND verb ~ %(told)s AND actor_id IS DISTINCT FROM %(user)s
ORDER BY id DESC LIMIT {SHOWN}
"""


@dataclass(frozen=True)
class Change:
    """Something that happened to an agent since the person's last look, with its place in the trail."""

    at: dt.datetime
    who: str
    text: str
    about: str
    url: str


@dataclass(frozen=True)
class Progress:
    """Reviews done of today's, the person's active minutes so far, and those left of their day's (not below 0).

    `saved` are the minutes that the agents reviewed took before, less those used; not below 0.
    `talked` counts the agents that somebody met today, of `active` ones: neither paused nor retired (R-007).
    """

    done: int
    total: int
    minutes: int
    left: int
    saved: int
    talked: int
    active: int


@dataclass(frozen=True)
class Waiting:
    """One exception that holds an agent up; whom it waits for (who took it, else whose turn it is); an hour's cost.

    `item` is its place in the queue.
    """

    item: uuid.UUID
    title: str
    agent: Agent
    person: str
    since: dt.datetime
    cost_per_hour_micros: int


@dataclass(frozen=True)
class Today:
    """The morning. `idle_micros_per_hour` is what all agents that wait cost together, one hour each."""

    now: dt.datetime
    fleet: list[FleetRow]
    cards: list[Card]
    outcomes: list[Outcome]
    changed: list[Change]
    progress: Progress
    waiting: list[Waiting]
    idle_micros_per_hour: int
    force: list[Force]
    shortfall: Shortfall | None


def today(user: User, team: Team, now: dt.datetime, since: dt.datetime | None = None) -> Today:
    """What the person finds at `now`; `since` is their last look (None: a day ago)."""
    fleet, force = fleet_now(user, team, business_day(now, user.tzinfo)), in_force_now(user, team)
    progress = progress_of(fleet, user)
    needs = {need: fleet.need(need) for need in Need}
    agents = {row.agent.pk: row.agent for row in fleet.rows}
    return Today(
        now=now,
        fleet=fleet.rows,
        cards=cards(needs, unsure=force.unsure, short_of_owners=fleet.short_of_owners, more=fleet.more),
        outcomes=outcomes(user, team, now),
        changed=changed(user, list(agents.values()), since or now - LOOKED_AGO),
        progress=progress,
        waiting=waiting_list(user, team, agents),
        idle_micros_per_hour=sum(row.agent.waiting_cost_micros_per_hour for row in fleet.rows if row.waiting),
        force=force.versions,
        shortfall=shortfall(fleet.rows, progress.left),
    )


def waiting_list(user: User, team: Team, agents: dict[uuid.UUID, Agent]) -> list[Waiting]:
    """What holds these agents up, worst first; one query."""
    condition, params = named(Need.WAITING)
    with connection.cursor() as cursor:
        given = params | EVERYTHING.params | {"team": team.pk, "user": user.pk}
        cursor.execute(WAITING.format(condition=condition), given)
        rows = [row for row in cursor.fetchall() if row[2] in agents]
    return [_waits(item, title, agents[agent], person, since) for item, title, agent, since, person in rows]


def _waits(item: uuid.UUID, title: str, agent: Agent, person: str | None, since: dt.datetime) -> Waiting:
    return Waiting(item, title, agent, person or "", since, agent.waiting_cost_micros_per_hour)


def changed(user: User, agents: list[Agent], since: dt.datetime) -> list[Change]:
    """What others did to these agents, and what happened to them, newest first; one query."""
    by_id = {agent.pk: agent for agent in agents}
    given: dict[str, Any] = {"agents": list(by_id), "since": first_id(since), "user": user.pk, "told": TOLD}
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, given)
        rows = cursor.fetchall()
    return [_change(by_id[agent], *event) for agent, *event in rows]


def _change(agent: Agent, at: dt.datetime, who: str, verb: str, kind: str, pk: uuid.UUID | None) -> Change:
    name = PAGES.get(kind)
    url = address(name, pk) if name and pk else address("agent", agent.slug)
    return Change(at, who, label(verb), agent.name, url)


def progress_of(fleet: Fleet, user: User) -> Progress:
    """How far the person's day is."""
    minutes = round(fleet.seconds / 60)
    reviewed = [row for row in fleet.rows if row.review]
    active = [row for row in fleet.rows if row.agent.lifecycle in (Lifecycle.LIVE, Lifecycle.ONBOARDING)]
    return Progress(
        done=sum(row.reviewed for row in reviewed),
        total=len(reviewed),
        minutes=minutes,
        left=max(user.day_minutes - minutes, 0),
        saved=max(sum(row.agent.baseline_minutes for row in reviewed if row.reviewed) - minutes, 0),
        talked=sum(row.talked for row in active),
        active=len(active),
    )
