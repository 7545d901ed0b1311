"""Nightly: what the texts of steps take and cost, and forgetting those that are older than the policy keeps them."""

import datetime as dt
import uuid

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.sql import first
from agents.fleet.queries.policies import policy
from agents.people.models import Team
from agents.runs import verbs
from agents.runs.enums import TERMINAL
from agents.runs.models import Run, ToolUse, WhatIf
from agents.runs.queries.traces import Account, account_of
from audit.actions import record

KEPT_DAYS = "traces_kept_days"
"""The policy's rule: how many days after a run's end the texts of its steps are kept; nothing: for ever."""
GB_MONTH = "storage_gb_month"
"""The policy's rule: what a gigabyte of storage costs a month, in its currency."""
GB, MICRO = 10**9, 10**6
BATCH = 500
# Facts stay: node, kind, state, model, tokens, cost, times, and the hash of what went in.
FORGET = """
WITH sized AS (
  SELECT id, coalesce(pg_column_size(input), 0) + coalesce(pg_column_size(output), 0)
    + octet_length(error) + octet_length(reason) AS bytes
  FROM runs_step WHERE run_id = ANY(%s) AND (input IS NOT NULL OR output IS NOT NULL OR error <> '' OR reason <> '')
), gone AS (
  UPDATE runs_step s SET input = NULL, output = NULL, error = '', reason = ''
  FROM sized WHERE s.id = sized.id RETURNING sized.bytes
)
SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM gone
"""
# Of a table that all teams share, a team's part by the number of its steps: to measure each would read them all.
KEPT = """
SELECT (pg_total_relation_size('runs_step')
  * coalesce(sum(r.last_seq) FILTER (WHERE a.team_id = %s)::float8 / nullif(sum(r.last_seq), 0), 0))::bigint
FROM runs_run r JOIN fleet_agent a ON a.id = r.agent_id
"""


def account_for_traces(team: Team) -> Account:
    """Forget what is past its time, and write on the trail what went and what is left to pay for."""
    version = policy(team.pk)
    rules = version.rules if version else {}
    before, runs, steps, freed = account_of(team), 0, 0, 0
    until = _cutoff(rules.get(KEPT_DAYS), before)
    if until:
        _forget_what_ifs(team, until)
    while until and (batch := list(_due(team, before, until).values_list("pk", flat=True)[:BATCH])):
        found = _forget(batch)
        runs, steps, freed = runs + len(batch), steps + found[0], freed + found[1]
    row = first(KEPT, [team.pk])
    kept = row[0] if row else 0
    cost = round(kept / GB * rules.get(GB_MONTH, 0) * MICRO)
    told = Account(timezone.now(), until, runs, steps, freed, kept, cost)
    record(verbs.TRACES_ACCOUNTED, actor=SYSTEM, team_id=team.pk, obj=team, **told.as_data())
    return told


def _cutoff(days: int | None, before: Account | None) -> dt.datetime | None:
    """Up to which end of a run texts go; never back from where they went before."""
    gone = before.until if before else None
    if days is None:
        return gone
    wanted = timezone.now() - dt.timedelta(days=days)
    return max(wanted, gone) if gone else wanted


def _due(team: Team, before: Account | None, until: dt.datetime) -> QuerySet[Run]:
    """Over by then, and not looked at the time before; with what was reported only since."""
    over = Run.objects.filter(agent__team=team, state__in=TERMINAL, state_since__lte=until)
    if before and before.until:
        over = over.filter(Q(state_since__gt=before.until) | Q(arrived_at__gt=before.at))
    texts = Q(steps__input__isnull=False) | Q(steps__output__isnull=False)
    return over.filter(texts).order_by().distinct()


def _forget_what_ifs(team: Team, until: dt.datetime) -> None:
    """Of all such runs, not of this night's: one may have been under way when the texts of its run went."""
    over = WhatIf.objects.filter(run__agent__team=team, run__state__in=TERMINAL, run__state_since__lte=until)
    over.filter(finished_at__isnull=False).delete()


@transaction.atomic
def _forget(runs: list[uuid.UUID]) -> tuple[int, int]:
    """Steps whose texts went, and how many bytes those took. What tools told those runs goes with them."""
    ToolUse.objects.filter(run__in=runs).exclude(said=None).update(said=None)
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [runs])
        steps, freed = cursor.fetchone()
    return steps, freed
