"""Whatever people, workers and accidents do to a run, in any order, its promises hold."""

from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from agents.base import faults
from agents.base.errors import Conflict
from agents.base.faults import Fault
from agents.runs.actions import (
    cancel_run,
    decide,
    pause_run,
    release_quarantine,
    rerun,
    resume_run,
    start_run,
    sweep,
)
from agents.runs.enums import DecisionKind, RunState
from agents.runs.execution.drive import drive
from agents.runs.invariants import INVARIANTS
from agents.runs.models import ReviewItem, Run, Step
from agents.runs.transitions import LET_GO
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.runs.toys import CALLS, equip

DEATHS = [
    "claim.after",
    "step.before_call",
    "step.after_call_before_journal",
    "step.after_journal",
    "run.before_finish",
    "run.after_finish_before_ack",
]
ASIDE = {"run.pause_asked", "run.cancel_asked"}


class RunMachine(RuleBasedStateMachine):
    """One run of before → person → after."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        equip(self.cast.agent, "asking")
        self.run_id = start_run(self.cast.agent, actor=self.cast.owner, input={"text": "x"}).pk
        self.deaths = 0
        self.keys = 0
        CALLS.clear()

    @property
    def row(self) -> Run:
        return Run.objects.get(pk=self.run_id)

    @rule()
    def work(self) -> None:
        drive(self.run_id)

    @rule(point=st.sampled_from(DEATHS), nth=st.integers(1, 3))
    def die(self, point: str, nth: int) -> None:
        faults.arm(f"{point}:raise:{nth}")
        try:
            drive(self.run_id)
        except Fault:
            self.deaths += 1
        finally:
            faults.arm("")

    @rule()
    def notice_deaths(self) -> None:
        Run.objects.filter(state=RunState.RUNNING).update(lease_until="2000-01-01T00:00:00Z")
        sweep()

    @rule(act=st.sampled_from([pause_run, resume_run, cancel_run, release_quarantine]))
    def steer(self, act: Callable[..., Run]) -> None:
        try:
            act(self.row, actor=self.cast.owner)
        except Conflict:
            assert act is not cancel_run or self.row.is_over

    @precondition(lambda self: self.row.state == RunState.WAITING)
    @rule()
    def answer(self) -> None:
        item = ReviewItem.objects.get(exception__run=self.run_id, exception__state="open")
        self.keys += 1
        decide(item, actor=self.cast.owner, kind=DecisionKind.RESPOND, note="Go on", idempotency_key=f"k{self.keys}")

    @precondition(lambda self: self.row.is_over)
    @rule()
    def again(self) -> None:
        self.run_id = rerun(self.row, actor=self.cast.owner).pk
        self.deaths = 0
        CALLS.clear()

    @invariant()
    def every_promise_holds(self) -> None:
        assert [(name, found) for name, ask in INVARIANTS if (found := ask())] == []

    @invariant()
    def the_trail_replayed_gives_the_present(self) -> None:
        events = AuditEvent.objects.filter(object_id=self.run_id, verb__startswith="run.").order_by("seq")
        bodies = AuditPayload.objects.in_bulk(list(events.values_list("pk", flat=True)))
        states = [bodies[event.pk].body["state"] for event in events]
        assert states[-1] == self.row.state

    @invariant()
    def a_recorded_step_is_never_made_again(self) -> None:
        recorded = Step.objects.filter(run=self.run_id, state="confirmed").exclude(kind="person")
        assert all(CALLS[step.key] <= 1 + self.deaths for step in recorded)
        assert sum(CALLS.values()) <= 2 + self.deaths

    @invariant()
    def only_a_held_run_has_a_lease(self) -> None:
        run = self.row
        assert (run.lease_until is not None) == (run.state == RunState.RUNNING)
        assert run.state == RunState.RUNNING or run.lease_owner == LET_GO["lease_owner"]


def test_any_sequence_of_acts_and_accidents_keeps_every_promise(cast: Cast) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    rules = settings(max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=quiet)
    run_state_machine_as_test(type("Machine", (RunMachine,), {"cast": cast}), settings=rules)
    assert Run.objects.filter(state=RunState.RUNNING, lease_until=None).count() == 0
