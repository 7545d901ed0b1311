"""What an agent is seen doing is what its rows say, also after a race and without a connection."""

import pytest
from django.db import connection

from agents.fleet.actions import observe
from agents.fleet.enums import Observed
from agents.fleet.models import AgentStatus
from agents.runs.actions import raise_exception, resolve_exception, sweep
from agents.runs.enums import ExceptionKind
from agents.runs.execution.claim import claim
from agents.runs.models import Run
from agents.runs.status import FACTS, FRESH_S
from tests.cast import Cast
from tests.runs.toys import started


def seen(cast: Cast) -> str:
    return AgentStatus.objects.get(agent=cast.agent).state


@pytest.mark.parametrize("state", [Observed.RUNNING, Observed.WAITING_ON_HUMAN])
def test_what_two_ends_at_once_left_behind_is_looked_at_again(cast: Cast, state: Observed) -> None:
    observe(cast.agent, state, {})
    sweep()
    assert seen(cast) == Observed.IDLE


def test_an_agent_at_work_stays_seen_at_work(cast: Cast) -> None:
    assert claim(started(cast.agent, "chain").pk)
    observe(cast.agent, Observed.RUNNING, {})
    sweep()
    assert seen(cast) == Observed.RUNNING


def test_a_disconnected_agent_is_not_called_idle_by_an_answered_question(cast: Cast) -> None:
    observe(cast.agent, Observed.DISCONNECTED, {"connected": False})
    asked = raise_exception(cast.agent, kind=ExceptionKind.OWNERS, title="Who owns it?")
    resolve_exception(asked)
    assert seen(cast) == Observed.DISCONNECTED


def test_how_the_last_run_came_out_is_not_looked_for_in_the_backlog(cast: Cast) -> None:
    Run.objects.bulk_create(Run(agent=cast.agent) for _ in range(2000))
    Run.objects.bulk_create(Run(agent=cast.rival_agent, state="done") for _ in range(200))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE runs_run")
        cursor.execute("EXPLAIN " + FACTS, [FRESH_S, cast.agent.pk])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "run_agent_ended" in plan
