"""Which campaigns the agents carry now, and how far each came; one query for a page that is opened all day."""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

from django.db import connection

from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from campaigns.enums import CONFIRMED, SETTLED, Rung

# `campaigns.queries.in_force` and `not_confirmed`, which a test compares it with, for the agents a person may see.
FORCE = f"""
WITH seen AS (SELECT id, slug, name FROM fleet_agent
              WHERE team_id = %(team)s AND lifecycle <> 'retired' AND id IN ({SEEN})),
newest AS (SELECT DISTINCT ON (agent_id, campaign_id) state FROM campaigns_delivery
           WHERE agent_id IN (SELECT id FROM seen) ORDER BY agent_id, campaign_id, number DESC)
SELECT (SELECT count(*) FROM newest WHERE state <> ALL(%(settled)s)),
  (SELECT json_agg(json_build_array(v.campaign_id, c.name, v.number, v.state_since, (
     SELECT json_agg(json_build_array(a.slug, a.name, d.state, d.state_since) ORDER BY a.name) FROM (
       SELECT DISTINCT ON (d.agent_id) d.agent_id, d.state, d.state_since
       FROM campaigns_delivery d JOIN campaigns_broadcast b ON b.id = d.broadcast_id AND b.version_id = v.id
       ORDER BY d.agent_id, d.number DESC) d
     JOIN seen a ON a.id = d.agent_id)) ORDER BY v.state_since DESC)
   FROM campaigns_contextversion v JOIN campaigns_campaign c ON c.id = v.campaign_id
   WHERE c.team_id = %(team)s AND v.state = 'live' AND (v.valid_to IS NULL OR v.valid_to > now()))
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """One agent of a strip: how far the version came there, since when."""

    slug: str
    name: str
    rung: Rung
    at: dt.datetime


@dataclass(frozen=True)
class Force:
    """A live version with its strip, by the agents' names."""

    campaign: uuid.UUID
    name: str
    number: int
    since: dt.datetime
    strip: list[Reached]

    @property
    def counts(self) -> list[tuple[Rung, int]]:
        """How many agents are on each rung, best first."""
        found = Counter(each.rung for each in self.strip)
        return [(rung, found[rung]) for rung in reversed(Rung) if found[rung]]

    @property
    def confirmed(self) -> int:
        return sum(each.rung in CONFIRMED for each in self.strip)


@dataclass(frozen=True)
class InForce:
    """`unsure` counts the newest deliveries that their agents have not confirmed."""

    unsure: int
    versions: list[Force]


def in_force_now(user: User, team: Team) -> InForce:
    """What the agents carry that the person may see; the newest version first."""
    with connection.cursor() as cursor:
        cursor.execute(FORCE, {"team": team.pk, "user": user.pk, "settled": list(SETTLED)})
        unsure, versions = cursor.fetchone()
    return InForce(unsure, [_force(*version) for version in versions or ()])


def _force(campaign: str, name: str, number: int, since: str, strip: list[tuple[str, str, str, str]] | None) -> Force:
    cells = [Reached(slug, agent, Rung(rung), _moment(at)) for slug, agent, rung, at in strip or ()]
    return Force(uuid.UUID(campaign), name, number, _moment(since), cells)


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
