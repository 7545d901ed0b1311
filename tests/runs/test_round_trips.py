"""What a run costs beyond its steps: few statements; and what the shorter way still owes."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.base import faults
from agents.base.faults import Fault
from agents.fleet.enums import Observed
from agents.fleet.models import AgentStatus, Assignment
from agents.runs.actions import start_run, sweep
from agents.runs.enums import RunState
from agents.runs.execution.claim import claim
from agents.runs.execution.drive import drive
from agents.runs.models import Run, Step
from audit.changes import change
from audit.hashing import payload_sha256
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.morning.stage import analyze
from tests.runs.toys import started

STEPS = 3


def test_a_run_takes_one_statement_to_claim_one_a_step_and_two_to_finish(cast: Cast) -> None:
    drive(started(cast.agent, "chain", steps=STEPS).pk)  # what is read once a process, and the agent's first status
    run = start_run(cast.agent, actor=None, input={})
    with CaptureQueriesContext(connection) as asked:
        drive(run.pk)
    run.refresh_from_db()
    assert (run.state, run.steps_done, run.last_seq) == (RunState.DONE, STEPS, STEPS)
    sent = [query["sql"].split()[0] for query in asked.captured_queries]
    assert sent == ["WITH", *["WITH"] * STEPS, "WITH", "SELECT"]


def test_a_run_is_found_by_its_id_and_not_among_all_that_are_in_its_state(cast: Cast) -> None:
    run = started(cast.agent, "model")
    with CaptureQueriesContext(connection) as asked:
        drive(run.pk)
    written = [query["sql"] for query in asked.captured_queries if "runs_run r" in query["sql"]]
    assert len(written) == 5  # claim, announce (in vain: its budget has yet to be made), again, book, finish
    Run.objects.bulk_create(Run(agent=cast.agent, flow_version=run.flow_version) for _ in range(200))
    analyze()
    with connection.cursor() as cursor:
        for sql in written:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert not re.search("run_queued|run_running|run_state_newest", plan), plan


def test_a_claim_brings_all_that_the_worker_reads(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    Assignment.objects.filter(agent=cast.agent).update(cost_center="support")
    held = claim(run.pk)
    assert held is not None
    row = Run.objects.select_related("agent__assignment").get(pk=run.pk)
    names = ("state", "fence", "attempt", "started_at", "instruction_id", "input", "flow_version_id")
    assert [getattr(held, name) for name in names] == [getattr(row, name) for name in names]
    assert (held.agent, held.agent.assignment) == (row.agent, row.agent.assignment)
    assert held.agent.assignment.cost_center == "support"


def test_the_event_of_a_first_claim_is_its_agents_and_its_proof_holds(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    claim(run.pk)
    event = AuditEvent.objects.get(verb="run.claimed", object_id=run.pk)
    whose = (cast.team.pk, cast.agent.pk, "agent", cast.agent.pk, cast.agent.name)
    assert (event.team_id, event.agent_id, event.actor_kind, event.actor_id, event.actor_label) == whose
    assert (event.object_type, event.object_label, event.correlation_id) == ("runs.Run", run.audit_label, run.pk)
    kept = AuditPayload.objects.get(pk=event.pk)
    assert kept.body == {"state": "running", "fence": 1, "attempt": 1}
    assert event.payload_sha256 == payload_sha256(kept.salt, kept.body)


def test_a_run_that_is_taken_leaves_no_second_event(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    assert claim(run.pk) is not None
    assert claim(run.pk) is None
    assert AuditEvent.objects.filter(verb="run.claimed").count() == 1


def test_a_claim_that_ended_a_step_was_no_vain_attempt(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=5)
    for _ in range(4):
        faults.arm("step.after_journal:raise:1")
        try:
            with pytest.raises(Fault):
                drive(run.pk)
        finally:
            faults.arm("")
        Run.objects.filter(pk=run.pk).update(lease_until="2000-01-01T00:00:00Z")
        sweep()
    run.refresh_from_db()
    assert (run.state, run.attempt, run.fence, run.steps_done) == (RunState.QUEUED, 0, 4, 4)
    assert Step.objects.filter(run=run).count() == 4


def test_an_agent_last_seen_failed_is_seen_again_when_its_worker_died_after_a_good_run(cast: Cast) -> None:
    drive(started(cast.agent, "chain").pk)
    AgentStatus.objects.filter(agent=cast.agent).update(state=Observed.FAILED)
    sweep()
    assert AgentStatus.objects.get(agent=cast.agent).state == Observed.IDLE


@pytest.mark.parametrize("wanted", ["queued", "running"])
def test_a_change_and_its_event_are_both_there_or_neither(cast: Cast, wanted: str) -> None:
    run = started(cast.agent, "chain")
    before = AuditEvent.objects.count()
    statement = "UPDATE runs_run SET reason = %s WHERE id = %s AND state = %s RETURNING reason"
    found = change(
        statement,
        ["seen", run.pk, wanted],
        "run.queued",
        actor=cast.agent.actor,
        team_id=cast.team.pk,
        obj=run,
        agent_id=None,
        note='é " \\',
    )
    made = AuditEvent.objects.order_by("seq")[before:]
    assert found == (("seen",) if wanted == "queued" else None)
    assert len(made) == (wanted == "queued")
    for event in made:
        beside = AuditPayload.objects.get(pk=event.pk)
        assert beside.body["note"] == 'é " \\'
        assert payload_sha256(beside.salt, beside.body) == event.payload_sha256
