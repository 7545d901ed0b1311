"""The breaker of an agent: opened by failures, tried by people, closed by a run that ends well or by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.fleet.actions import pause_agent, resume_agent
from agents.fleet.enums import Lifecycle, Vendor
from agents.fleet.models import Agent, PolicyVersion
from agents.runs.actions import break_circuits, breaking
from agents.runs.actions.breaking import CAUSE, LEAST
from agents.runs.actions.exceptions import resolve_exception
from agents.runs.enums import ExceptionState, RunState, Severity
from agents.runs.models import Run, RunException
from audit.models import AuditEvent
from tests.cast import Cast

pytestmark = pytest.mark.django_db
DONE, FAILED = RunState.DONE, RunState.FAILED


def ended(cast: Cast, *states: RunState, minutes_ago: int = 0) -> None:
    """Runs that ended a while ago, a moment apart; now is a little ahead of whatever happened before."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    rows = [
        Run(agent=cast.agent, state=each, state_since=at + timedelta(milliseconds=n)) for n, each in enumerate(states)
    ]
    Run.objects.bulk_create(rows)


def lifecycle(cast: Cast) -> str:
    cast.agent.refresh_from_db()
    return cast.agent.lifecycle


def earlier(cast: Cast) -> None:
    """The agent has been what it is for a while."""
    Agent.objects.update(lifecycle_since=timezone.now() - timedelta(hours=5))


@pytest.fixture
def tripped(cast: Cast) -> RunException:
    """The agent's breaker is open, and what opened it is some minutes past."""
    earlier(cast)
    ended(cast, *[FAILED] * LEAST, minutes_ago=30)
    break_circuits()
    assert lifecycle(cast) == Lifecycle.PAUSED
    return RunException.objects.get(cause=CAUSE)


def resumed(cast: Cast) -> None:
    resume_agent(cast.agent, actor=cast.owner)
    Agent.objects.update(lifecycle_since=timezone.now() - timedelta(minutes=5))


def test_an_agent_that_a_person_paused_meanwhile_is_left_to_them(cast: Cast) -> None:
    seen_live = Agent.objects.get(pk=cast.agent.pk)
    pause_agent(cast.agent, actor=cast.owner, reason="On holiday")
    breaking._judge(seen_live, breaking._Ended(cast.agent.pk, None, LEAST, LEAST, FAILED))
    assert not RunException.objects.exists()
    assert AuditEvent.objects.filter(verb="agent.paused", agent_id=cast.agent.pk).count() == 1


def test_half_of_its_runs_failing_pauses_an_agent_and_tells_its_people_once(cast: Cast) -> None:
    earlier(cast)
    ended(cast, *[FAILED] * 5, *[DONE] * 5)
    break_circuits()
    break_circuits()
    raised = RunException.objects.get()
    assert (lifecycle(cast), cast.agent.lifecycle_reason) == (Lifecycle.PAUSED, "5 of its last 10 runs failed")
    assert (raised.severity, raised.state) == (Severity.HIGH, ExceptionState.OPEN)
    assert raised.evidence == {"ended": 10, "failed": 5, "percent": 50}


@pytest.mark.parametrize(
    ("states", "minutes_ago"),
    [([FAILED] * 4 + [DONE] * 6, 0), ([FAILED] * (LEAST - 1), 0), ([FAILED] * LEAST, 90)],
    ids=["too few fail", "too few ended", "long ago"],
)
def test_fewer_or_older_failures_leave_it_alone(cast: Cast, states: list[RunState], minutes_ago: int) -> None:
    earlier(cast)
    ended(cast, *states, minutes_ago=minutes_ago)
    break_circuits()
    assert (lifecycle(cast), RunException.objects.count()) == (Lifecycle.LIVE, 0)


def test_the_policy_says_from_which_share_on(cast: Cast) -> None:
    earlier(cast)
    PolicyVersion.objects.create(team=cast.team, number=1, statement="Be careful.", rules={"breaker_percent": 20})
    ended(cast, *[FAILED] * 2, *[DONE] * 8)
    break_circuits()
    assert lifecycle(cast) == Lifecycle.PAUSED


def test_an_agent_of_another_system_is_not_ours_to_judge(cast: Cast) -> None:
    earlier(cast)
    Agent.objects.update(vendor=Vendor.ARTISAN)
    ended(cast, *[FAILED] * LEAST)
    break_circuits()
    assert lifecycle(cast) == Lifecycle.LIVE


def test_after_it_is_resumed_the_first_run_that_ends_well_closes_the_breaker(cast: Cast, tripped: RunException) -> None:
    resumed(cast)
    break_circuits()
    assert lifecycle(cast) == Lifecycle.LIVE  # half open: nothing has ended yet
    ended(cast, DONE, FAILED)
    break_circuits()
    tripped.refresh_from_db()
    assert (lifecycle(cast), tripped.state) == (Lifecycle.LIVE, ExceptionState.RESOLVED)


def test_after_it_is_resumed_the_first_run_that_fails_opens_it_again(cast: Cast, tripped: RunException) -> None:
    resumed(cast)
    ended(cast, FAILED, DONE)
    break_circuits()
    assert (lifecycle(cast), RunException.objects.get()) == (Lifecycle.PAUSED, tripped)


def test_a_person_closes_the_breaker_by_closing_the_exception(cast: Cast, tripped: RunException) -> None:
    resolve_exception(tripped)
    resumed(cast)
    ended(cast, FAILED)
    break_circuits()
    assert (lifecycle(cast), RunException.objects.filter(state="open").count()) == (Lifecycle.LIVE, 0)
