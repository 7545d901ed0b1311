"""What each agent did in a period, and each channel: how many runs, how they ended, whom they asked, their cost."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from agents.base.money import add_costs
from agents.fleet.models import Agent
from console.kpis.scope import ASKED, RAN, Scope

# What a run was about: the intent its classifier named, else the kind of its first output, else nothing was said.
ABOUT = """coalesce(
  (SELECT s.output ->> 'intent' FROM runs_step s
   WHERE s.run_id = ran.id AND s.node = 'classify' AND s.output ->> 'intent' <> '' ORDER BY s.seq LIMIT 1),
  (SELECT o.kind FROM runs_output o WHERE o.run_id = ran.id ORDER BY o.created_at, o.id LIMIT 1), '')"""
# Where it came in: what its input says, else the system that reported it, else nobody said.
CHANNEL = (
    """(SELECT coalesce(nullif(left(r.input ->> 'channel', 40), ''), r.source) FROM runs_run r WHERE r.id = ran.id)"""
)
WORK = f"""{RAN.format(part="a.slug")},
told AS (
  SELECT {{part}} AS part, ran.state, ran.cost_micros, ran.currency, {{about}} AS about, {ASKED} AS asked
  FROM ran WHERE recent),
paid AS (
  SELECT part, about, currency, count(*) AS runs, count(*) FILTER (WHERE state = 'done') AS done,
    count(*) FILTER (WHERE state = 'done' AND NOT asked) AS unaided,
    count(*) FILTER (WHERE state IN ('failed', 'quarantined')) AS failed, count(*) FILTER (WHERE asked) AS asked,
    sum(cost_micros) AS cost
  FROM told GROUP BY part, about, currency)
SELECT part, about, sum(runs)::int, sum(done)::int, sum(unaided)::int, sum(failed)::int, sum(asked)::int,
  jsonb_object_agg(currency, cost) FILTER (WHERE cost IS NOT NULL)
FROM paid GROUP BY part, about ORDER BY part, 3 DESC, about
"""
COUNTS = ("runs", "done", "unaided", "failed", "asked")


@dataclass(frozen=True)
class Line:
    """Runs of one agent about one thing, or in one channel ("" where nothing says what); `unaided` are done without a
    person.

    Costs in micro-units by the currency of the runs, None where no run tells any.
    """

    about: str
    runs: int
    done: int
    unaided: int
    failed: int
    asked: int
    costs: Mapping[str, int] | None

    @property
    def resolved(self) -> float:
        """The share that is done, from 0 to 1."""
        return self.done / self.runs


@dataclass(frozen=True)
class Account:
    """One agent's lines, most runs first, and all of them together."""

    agent: Agent
    lines: list[Line]

    @property
    def whole(self) -> Line:
        counts = {name: sum(getattr(line, name) for line in self.lines) for name in COUNTS}
        told = [line.costs for line in self.lines if line.costs is not None]
        return Line("", **counts, costs=add_costs(told) if told else None)


@dataclass(frozen=True)
class Channel:
    """One channel ("" where nobody says which) with what each agent did there, most runs first."""

    name: str
    lines: list[tuple[Agent, Line]]

    @property
    def runs(self) -> int:
        return sum(line.runs for _agent, line in self.lines)


def report(scope: Scope) -> list[Account]:
    """Every agent of the scope that did anything, by name; two queries."""
    by_slug = _lines(scope, part="ran.part", about=ABOUT)
    agents = Agent.objects.filter(team=scope.team, slug__in=by_slug).order_by("name", "pk")
    return [Account(agent, by_slug[agent.slug]) for agent in agents]


def channels(scope: Scope) -> list[Channel]:
    """Every channel in which the scope's agents did anything, most runs first; two queries."""
    by_name = _lines(scope, part=CHANNEL, about="ran.part")
    slugs = {line.about for lines in by_name.values() for line in lines}
    agents = {agent.slug: agent for agent in Agent.objects.filter(team=scope.team, slug__in=slugs)}
    found = [Channel(name, [(agents[line.about], line) for line in lines]) for name, lines in by_name.items()]
    return sorted(found, key=lambda each: (-each.runs, each.name))


def _lines(scope: Scope, *, part: str, about: str) -> dict[str, list[Line]]:
    with connection.cursor() as cursor:
        cursor.execute(WORK.format(part=part, about=about), scope.params())
        rows = cursor.fetchall()
    return {part: [_line(*line) for line in lines] for part, lines in groupby(rows, key=lambda row: row[0])}


def _line(
    _part: str, about: str, runs: int, done: int, unaided: int, failed: int, asked: int, costs: str | None
) -> Line:
    return Line(about, runs, done, unaided, failed, asked, None if costs is None else json.loads(costs))
