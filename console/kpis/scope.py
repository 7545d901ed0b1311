"""Whose figures the KPI board tells, of which days, and compared by what."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from agents.base.clock import local_instant
from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from agents.runs.queries.digests import DOUBTFUL
from agents.runs.queries.figures import OWN_TIME
from agents.runs.queries.spending import COST

PERIODS = (7, 14, 30, 90)
AGAIN = (1, 3, 7, 14, 30)


class By(TextChoices):
    """What the parts of the board are."""

    AGENT = "agent", _("agent")
    FLOW = "flow", _("flow")
    VERSION = "version", _("version of a flow")
    USE_CASE = "use_case", _("use case")
    FUNCTION = "function", _("function")


# What a run, and what a reported figure of an agent, belongs to.
PARTS = {
    By.AGENT: ("a.slug", "a.slug"),
    By.FLOW: ("coalesce(f.slug, '')", "coalesce(a.flow, '')"),
    By.VERSION: ("coalesce(f.slug || ' v' || v.number, '')", "''"),
    By.USE_CASE: ("a.use_case", "a.use_case"),
    By.FUNCTION: ("a.function", "a.function"),
}


@dataclass(frozen=True)
class Scope:
    """Agents that the person may see, narrowed by what is not empty, over `days` calendar days of theirs up to `last`.

    Each figure is also told of as many days before. A customer who is back within `again` days was not helped at once.
    """

    user: User
    team: Team
    last: dt.date
    days: int = 30
    agent: str = ""
    flow: str = ""
    use_case: str = ""
    function: str = ""
    by: By = By.AGENT
    again: int = 7

    @property
    def first(self) -> dt.date:
        return self.last - dt.timedelta(days=self.days - 1)

    @property
    def every_day(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=n) for n in range(self.days)]

    @property
    def narrowed(self) -> dict[str, str]:
        """The filters that are set, as addresses name them."""
        given = {"agent": self.agent, "flow": self.flow, "use_case": self.use_case, "function": self.function}
        return {name: value for name, value in given.items() if value}

    def params(self) -> dict[str, Any]:
        """For SEEN_HERE and RAN."""
        zone, earlier = self.user.tzinfo, self.first - dt.timedelta(days=self.days)
        return {
            "team": self.team.pk,
            "user": self.user.pk,
            "zone": self.user.zone,
            "first": self.first,
            "last": self.last,
            "earlier": earlier,
            "before": _midnight(earlier, zone),
            "since": _midnight(self.first, zone),
            "until": _midnight(self.last + dt.timedelta(days=1), zone),
            "agent": self.agent,
            "flow": self.flow,
            "use_case": self.use_case,
            "function": self.function,
            "again": dt.timedelta(days=self.again),
        }


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return local_instant(day, dt.time(), zone)


# The array makes the planner expect several agents and thousands of runs. Of one agent’s runs, as it would guess, it
# asks once for each judged step, and ten thousand runs take a second.
SEEN_HERE = f"""
seen AS (
  SELECT a.id, a.slug, a.function, coalesce(g.use_case, '') AS use_case, f.slug AS flow FROM fleet_agent a
  LEFT JOIN fleet_assignment g ON g.agent_id = a.id LEFT JOIN fleet_flowversion v ON v.id = g.flow_version_id
  LEFT JOIN fleet_flow f ON f.id = v.flow_id
  WHERE a.team_id = %(team)s AND a.id = ANY(ARRAY({SEEN})) AND %(agent)s IN ('', a.slug)
    AND %(function)s IN ('', a.function) AND %(use_case)s IN ('', g.use_case))
"""
# OFFSET 0 keeps each look-up a walk along its index; the planner would rather read all runs there ever were.
RAN = f"""
WITH {SEEN_HERE},
ran AS MATERIALIZED (
  SELECT r.*, f.slug AS flow, a.function, r.created_at >= %(since)s AS recent,
    (r.created_at AT TIME ZONE %(zone)s)::date AS day, {{part}} AS part
  FROM seen a CROSS JOIN LATERAL (
    SELECT id, state, flow_version_id, source = '' AS ours, {COST} AS cost_micros, currency, created_at,
      started_at, finished_at
    FROM runs_run r
    WHERE agent_id = a.id AND created_at >= %(before)s AND created_at < %(until)s OFFSET 0) r
  LEFT JOIN fleet_flowversion v ON v.id = r.flow_version_id LEFT JOIN fleet_flow f ON f.id = v.flow_id
  WHERE %(flow)s IN ('', f.slug))
"""
# As `Step.is_cost_told` has it, whatever its run says.
PRICED = "(ran.ours OR s.cost_micros > 0)"
# Reported steps stand alone.
MADE = f"(ran.flow_version_id IS NULL OR {OWN_TIME})"
# A person was asked where an exception was raised that no standing rule answered; a sample drawn by lot
# is nobody’s asking.
ASKED = """
EXISTS (SELECT FROM runs_runexception e LEFT JOIN runs_reviewitem i ON i.exception_id = e.id
  WHERE e.run_id = ran.id AND e.kind <> 'sample' AND NOT EXISTS (
    SELECT FROM runs_decision d WHERE d.item_id = i.id AND d.rule_id IS NOT NULL))
"""
# Found wrong later. A flaw that rests on an exception which somebody ignored was none.
WRONG = """
EXISTS (SELECT FROM runs_flaw w WHERE w.run_id = ran.id AND NOT EXISTS (
  SELECT FROM runs_reviewitem i JOIN runs_decision d ON d.item_id = i.id
  WHERE i.exception_id = w.exception_id AND d.kind = 'ignore'))
"""
# What people said of a run that the lot drew, and whether guardrails or signs had doubted it (`runs.queries.sampled`).
SAMPLED = f"""
sampled AS (
  SELECT s.run_id AS id, bool_or(d.kind IN ('reject', 'edit')) AS wrong, s.p_wrong >= {DOUBTFUL} OR EXISTS (
    SELECT FROM runs_output WHERE run_id = s.run_id AND pass_record ->> 'publishable' = 'false') AS doubted
  FROM ran JOIN runs_assessment s ON s.run_id = ran.id JOIN runs_runexception e ON e.run_id = s.run_id
  JOIN runs_reviewitem i ON i.exception_id = e.id JOIN runs_decision d ON d.item_id = i.id
  WHERE s.drawn AND d.kind IN ('approve', 'ignore', 'reject', 'edit')
    AND d.state IN ('pending', 'released')
  GROUP BY s.id)
"""
# The fields an agent filled in the calls it asked leave for, and how many of them the person who approved left as they
# were: whoever approves confirms every field, whoever edits says what it ought to have been.
CONFIRMED = """
confirmed AS (
  SELECT e.run_id AS id, count(*) AS fields,
    count(*) FILTER (WHERE coalesce(d.payload -> 'arguments', d.payload, made) -> filled.key = filled.value) AS kept
  FROM ran JOIN runs_runexception e ON e.run_id = ran.id
  JOIN runs_reviewitem i ON i.exception_id = e.id JOIN runs_decision d ON d.item_id = i.id
  CROSS JOIN LATERAL (SELECT coalesce(e.proposal -> 'arguments', e.proposal) AS made) call
  CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(made) WHEN 'object' THEN made ELSE '{{}}' END) filled
  WHERE e.kind = 'approval' AND d.kind IN ('approve', 'edit') AND d.rule_id IS NULL
    AND d.state IN ('pending', 'released')
  GROUP BY 1)
"""
# Latency targets by node of the versions that ran; 0 is none.
AIMS = """
aims AS (
  SELECT v.id AS version, n ->> 'name' AS node, (n ->> 'latency_ms')::int AS most
  FROM fleet_flowversion v CROSS JOIN LATERAL jsonb_array_elements(v.graph -> 'nodes') n
  WHERE v.id IN (SELECT flow_version_id FROM ran) AND (n ->> 'latency_ms')::int > 0)
"""
