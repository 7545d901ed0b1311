"""The synchronous lane: an answer within the deadline, or a queued run; never a caller who waits for ever."""

import pytest

from agents.runs.actions import lane
from agents.runs.enums import LaneOutcome, Queue, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import LaneCall, Run
from agents.runs.queries.lane_calls import lane as lane_of
from audit.models import AuditEvent
from tests.api.conftest import MakeMachine
from tests.cast import Cast
from tests.runs.toys import equip

ASK = {"text": "Where is my parcel?", "external_id": "call-7"}
PATH = "/agents/refund-agent/answers"


@pytest.fixture
def chain(cast: Cast) -> None:
    equip(cast.agent, "chain")


@pytest.mark.usefixtures("chain")
def test_what_is_not_ready_in_time_is_a_queued_run_that_says_it_was_late(machine: MakeMachine) -> None:
    caller = machine("owner")
    status, told = caller.post(PATH, ASK | {"within_s": 0.05})
    assert (status, told["state"], told["result"]) == (202, "queued", None)
    run = Run.objects.get(pk=told["id"])
    assert run.queue == Queue.URGENT
    assert AuditEvent.objects.filter(verb="run.late", object_id=run.pk).count() == 1


@pytest.mark.usefixtures("chain")
def test_what_is_over_is_answered_at_once_and_the_same_key_is_the_same_run(machine: MakeMachine) -> None:
    caller = machine("owner")
    _status, queued = caller.post(PATH, ASK | {"within_s": 0.01})
    drive(Run.objects.get().pk)
    status, told = caller.post(PATH, ASK)
    assert (status, told["id"], told["state"]) == (200, queued["id"], RunState.DONE)
    assert told["result"] is not None
    keyed = {"text": "And mine?", "within_s": 0.01}
    first = caller.post(PATH, keyed, **{"Idempotency-Key": "k1"})[1]["id"]
    assert caller.post(PATH, keyed, **{"Idempotency-Key": "k1"})[1]["id"] == first != queued["id"]


@pytest.mark.usefixtures("chain")
def test_where_all_seats_are_taken_nobody_waits(machine: MakeMachine) -> None:
    taken = 0
    while lane._seats.acquire(blocking=False):
        taken += 1
    try:
        status, told = machine("owner").post(PATH, ASK | {"within_s": 20})
    finally:
        for _seat in range(taken):
            lane._seats.release()
    assert (status, told["state"]) == (202, "queued")
    assert not AuditEvent.objects.filter(verb="run.late").exists()
    assert taken == lane.AT_ONCE


@pytest.mark.parametrize("within", [0, -1, 21, "soon"])
@pytest.mark.usefixtures("chain")
def test_a_deadline_out_of_bounds_is_refused_and_starts_nothing(machine: MakeMachine, within: object) -> None:
    status, _problem = machine("owner").post(PATH, ASK | {"within_s": within})
    assert status == 422
    assert not Run.objects.exists()


@pytest.mark.usefixtures("chain")
def test_how_often_the_deadline_was_missed_is_a_figure_of_the_flow(cast: Cast, machine: MakeMachine) -> None:
    caller, slug = machine("owner"), cast.agent.assignment.flow_version.flow.slug
    assert caller.get(f"/flows/{slug}/lane") == (200, None)
    caller.post(PATH, ASK | {"within_s": 0.02})
    drive(Run.objects.get().pk)
    caller.post(PATH, ASK)
    run = Run.objects.get()
    LaneCall.objects.create(run=run, outcome=LaneOutcome.FULL, within_ms=2000, took_ms=0)
    status, told = caller.get(f"/flows/{slug}/lane")
    assert (status, told["n"], told["late"], told["full"]) == (200, 3, 1, 1)
    assert told["p50_ms"] <= told["p95_ms"]
    assert lane_of(Run.objects.filter(agent=cast.rival_agent)) is None
