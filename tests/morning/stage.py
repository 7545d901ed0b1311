"""What a night leaves behind, made of rows."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from agents.fleet.models import Agent
from agents.runs.enums import RunState
from agents.runs.models import DailyReview, Output, Run


def ran(agent: Agent, at: dt.datetime, *outputs: str, **fields: Any) -> Run:
    """A run that ended at `at`, with an output for each kind given, which passed its guardrails."""
    run = Run.objects.create(
        agent=agent,
        **{"state": RunState.DONE, "created_at": at, "state_since": at, "finished_at": at, **fields},
    )
    for number, kind in enumerate(outputs):
        said = {"kind": kind, "content": f"{kind} {number}", "pass_record": {"publishable": True, "verdicts": []}}
        Output.objects.create(run=run, step_key=f"s{number}", created_at=at, **said)
    return run


def ago(**delta: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(**delta)


def review(agent: Agent, since: dt.datetime, **fields: Any) -> DailyReview:
    """An open review of today."""
    return DailyReview.objects.create(agent=agent, since=since, **{"day": timezone.now().date(), **fields})


def analyze() -> None:
    """As autovacuum does in time. Without it a large fleet is planned as an empty one: minutes instead of moments."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ANALYZE")
        cursor.execute(f"SET ROLE {settings.DATABASE_APP_ROLE}")
