"""One that cannot be looked after keeps no other from its turn."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.runs.actions import (
    assessing,
    breaking,
    climbing,
    decide,
    handing,
    raise_exception,
    resolve_exception,
    sweep,
    sweeping,
)
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, RunState, Severity
from agents.runs.execution.claim import claim
from agents.runs.models import Assessment, ReviewItem, Run, RunException
from agents.runs.suspicion.assessing import look_at
from audit.models import AuditEvent
from tests.cast import Cast, make_agent
from tests.runs.toys import started

LONG_AGO = timezone.now() - timedelta(days=30)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The first call of a function fails, whatever it is about; the others do what they always do."""

    def fail(module: Any, name: str, error: Exception | None = None) -> None:
        real, left = getattr(module, name), [error or KeyError("nobody thought of this")]

        def act(*args: Any, **named: Any) -> Any:
            if left:
                raise left.pop()
            return real(*args, **named)

        monkeypatch.setattr(module, name, act)

    return fail


def ask(agent: Agent, **changes: Any) -> RunException:
    return raise_exception(agent, kind=ExceptionKind.HANDOFF, title="Call back", severity=Severity.LOW, **changes)


def two_agents(cast: Cast) -> list[Agent]:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    return [cast.agent, make_agent(cast.team, "other", *seats)]


def test_a_run_that_cannot_be_collected_keeps_no_other(cast: Cast, failing: Callable[..., None]) -> None:
    runs = [started(cast.agent, "chain") for _ in range(3)]
    assert all(claim(run.pk) for run in runs)
    Run.objects.update(lease_until=LONG_AGO)
    failing(sweeping, "move")
    sweep()
    assert Run.objects.filter(state=RunState.QUEUED).count() == 2
    sweep()
    assert Run.objects.filter(state=RunState.QUEUED).count() == 3


def test_a_run_whose_worker_was_heard_of_meanwhile_is_not_collected(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(claim(started(cast.agent, "chain").pk) for _ in range(2))
    Run.objects.update(lease_until=LONG_AGO)
    collect = sweeping._collect

    def meanwhile(run: Run) -> None:
        Run.objects.exclude(pk=run.pk).update(lease_until=timezone.now() + timedelta(minutes=1))
        collect(run)

    monkeypatch.setattr(sweeping, "_collect", meanwhile)
    sweep()
    assert sorted(Run.objects.values_list("state", flat=True)) == [RunState.QUEUED, RunState.RUNNING]


def test_a_lost_database_ends_the_part_at_once(cast: Cast, failing: Callable[..., None]) -> None:
    assert all(claim(started(cast.agent, "chain").pk) for _ in range(2))
    Run.objects.update(lease_until=LONG_AGO)
    failing(sweeping, "move", OperationalError("gone"))
    with pytest.raises(OperationalError):
        sweeping.collect_dead_workers()
    assert Run.objects.filter(state=RunState.RUNNING).count() == 2


def test_an_approval_that_cannot_be_denied_keeps_no_other(cast: Cast, failing: Callable[..., None]) -> None:
    for _ in range(2):
        raise_exception(cast.agent, kind=ExceptionKind.APPROVAL, title="May I?", expires_at=LONG_AGO)
    failing(sweeping, "close")
    sweep()
    assert RunException.objects.filter(state=ExceptionState.EXPIRED).count() == 1


def test_an_approval_that_was_given_meanwhile_is_not_denied(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    approval = raise_exception(cast.agent, kind=ExceptionKind.APPROVAL, title="May I?", expires_at=LONG_AGO)
    expire = sweeping._expire

    def meanwhile(exception: RunException) -> None:
        resolve_exception(approval)
        expire(exception)

    monkeypatch.setattr(sweeping, "_expire", meanwhile)
    sweep()
    approval.refresh_from_db()
    assert approval.state == ExceptionState.RESOLVED


def test_an_item_that_cannot_climb_or_be_handed_on_keeps_no_other(cast: Cast, failing: Callable[..., None]) -> None:
    for _ in range(2):
        ask(cast.agent)
    RunException.objects.update(opened_at=timezone.now() - timedelta(hours=9))
    ReviewItem.objects.update(escalate_at=LONG_AGO)
    failing(climbing, "rank")
    failing(handing, "ladder_of_case")
    sweep()
    assert RunException.objects.filter(severity=Severity.MEDIUM).count() == 1
    assert AuditEvent.objects.filter(verb="exception.handed_on").count() == 1


def test_an_agent_that_cannot_be_looked_at_keeps_no_other(cast: Cast, failing: Callable[..., None]) -> None:
    agents = two_agents(cast)
    for agent in agents:
        ask(agent)
    RunException.objects.update(state=ExceptionState.RESOLVED)
    failing(sweeping, "look")
    sweeping.look_again()
    assert Agent.objects.filter(status__state="idle").count() == 1


def test_a_breaker_that_cannot_be_judged_keeps_no_other(cast: Cast, failing: Callable[..., None]) -> None:
    agents = two_agents(cast)
    Agent.objects.update(lifecycle_since=LONG_AGO)
    ended = {"state": RunState.FAILED, "state_since": timezone.now()}
    Run.objects.bulk_create(Run(agent=agent, **ended) for agent in agents for _ in range(breaking.LEAST))
    failing(breaking, "policy")
    breaking.break_circuits()
    assert Agent.objects.filter(lifecycle="paused").count() == 1


def ended(cast: Cast, at: datetime) -> Run:
    return Run.objects.create(agent=cast.agent, state=RunState.DONE, state_since=at, finished_at=at)


def test_a_run_that_cannot_be_assessed_keeps_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = (ended(cast, timezone.now()) for _ in range(2))

    def look(runs: dict[Any, Any]) -> Any:
        if bad.pk in runs:
            raise KeyError("nobody thought of this")
        return look_at(runs)

    monkeypatch.setattr(assessing, "look_at", look)
    assessing.assess_runs()
    assert Assessment.objects.get().run == good


def test_a_run_that_ended_by_a_clock_ahead_of_ours_is_looked_at_once_a_time(cast: Cast) -> None:
    ended(cast, timezone.now() + timedelta(minutes=1))
    assert assessing.assess_runs() == 1


def test_what_somebody_escalated_meanwhile_does_not_sink_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    exception, climb = ask(cast.agent), climbing._raise
    RunException.objects.update(opened_at=LONG_AGO)

    def meanwhile(*args: Any) -> None:
        decide(exception.item, actor=cast.owner, kind=DecisionKind.ESCALATE, idempotency_key="k")
        climb(*args)

    monkeypatch.setattr(climbing, "_raise", meanwhile)
    climbing.climb()
    exception.refresh_from_db()
    assert exception.severity == Severity.HIGH
    assert not AuditEvent.objects.filter(verb="exception.climbed").exists()
