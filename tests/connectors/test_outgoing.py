"""What people decide here reaches the agent where it runs, or its owners hear that it did not."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.base.models import Outbox
from agents.base.outbox import relay
from agents.connectors.actions import sync
from agents.connectors.actions.outgoing import TRIES, switch_at_vendor
from agents.fleet.actions import pause_agent, resume_agent
from agents.fleet.enums import Lifecycle, Vendor
from agents.runs.actions import decide
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, RunState
from agents.runs.models import RunException
from audit.models import AuditEvent
from tests.cast import Cast
from tests.connectors.connected import connect, credential
from tests.connectors.test_vendors import draftful
from tests.rehearsal.fixtures import Rehearsal

pytestmark = pytest.mark.usefixtures("use_rehearsal")


def relayed() -> int:
    """A test is one transaction: its clock stands still, and what was written in it would not be due yet."""
    Outbox.objects.update(available_at=timezone.now() - dt.timedelta(minutes=1))
    return relay()


def approve(cast: Cast) -> RunException:
    asked = RunException.objects.filter(kind=ExceptionKind.APPROVAL, state=ExceptionState.OPEN).earliest("opened_at")
    sha256 = asked.proposal_sha256
    decide(asked.item, actor=cast.owner, kind=DecisionKind.APPROVE, proposal_sha256=sha256, idempotency_key="k")
    return asked


def test_an_answer_reaches_the_vendor_and_the_run_leaves_waiting(cast: Cast, rehearsal: Rehearsal) -> None:
    connection = connect(cast.agent, Vendor.MONACO, rehearsal, seed=draftful())
    sync(connection)
    asked = approve(cast)
    assert relayed() == 1
    connection.refresh_from_db()
    sync(connection)
    assert asked.run is not None
    asked.run.refresh_from_db()
    assert asked.run.state == RunState.DONE
    assert AuditEvent.objects.filter(verb="answer.delivered", agent_id=cast.agent.pk).count() == 1


def test_an_answer_that_cannot_be_delivered_is_tried_and_then_told(cast: Cast, rehearsal: Rehearsal) -> None:
    sync(connect(cast.agent, Vendor.MONACO, rehearsal, seed=draftful()))
    approve(cast)
    rehearsal.script([{"kind": "500", "for": "monaco", "times": TRIES}])
    for tried in range(TRIES):
        assert relayed() == (tried == TRIES - 1)
    assert RunException.objects.filter(kind=ExceptionKind.FAILURE, cause="vendor").count() == 1


def test_an_answer_that_is_refused_for_good_is_told_at_once(cast: Cast, rehearsal: Rehearsal) -> None:
    connection = connect(cast.agent, Vendor.MONACO, rehearsal, seed=draftful())
    sync(connection)
    approve(cast)
    credential(connection, "api_key", "wrong")
    assert relayed() == 1
    assert RunException.objects.filter(kind=ExceptionKind.FAILURE, cause="vendor").count() == 1


def test_a_switch_moves_only_when_an_agent_of_theirs_pauses_or_goes_on(cast: Cast, rehearsal: Rehearsal) -> None:
    switch_at_vendor(cast.agent, Lifecycle.PAUSED)
    connect(cast.agent, Vendor.WEBHOOK, rehearsal)
    switch_at_vendor(cast.agent, Lifecycle.ONBOARDING)
    assert not Outbox.objects.exists()


def test_pausing_an_agent_moves_its_vendors_switch_and_resuming_moves_it_back(cast: Cast, rehearsal: Rehearsal) -> None:
    connect(cast.agent, Vendor.WEBHOOK, rehearsal)
    paused = pause_agent(cast.agent, actor=cast.owner, reason="Refunds twice")
    resume_agent(paused, actor=cast.owner)
    assert relayed() == 2
    assert AuditEvent.objects.filter(verb="switch.moved", agent_id=cast.agent.pk).count() == 2


def test_a_vendor_without_a_switch_is_not_asked(cast: Cast, rehearsal: Rehearsal) -> None:
    connect(cast.agent, Vendor.QUALIFIED, rehearsal)
    pause_agent(cast.agent, actor=cast.owner, reason="Refunds twice")
    assert not Outbox.objects.exists()
