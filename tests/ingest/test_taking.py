"""Runs of other systems become rows: once, whole, and never ours to run."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from agents.base.errors import Conflict
from agents.connectors.ingest import take_runs
from agents.fleet.enums import Lifecycle, Observed
from agents.fleet.models import AgentStatus
from agents.runs import invariants
from agents.runs.actions import cancel_run, decide, pause_run, rerun, sweep
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, RunState, StepState
from agents.runs.execution.claim import claim
from agents.runs.models import Run, RunException, Step
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.ingest.documents import ASK, Document, a_run, a_waiting_run

pytestmark = pytest.mark.django_db


def take(cast: Cast, *documents: Document) -> list[str]:
    return [each.status for each in take_runs(cast.agent, documents, source="api")]


def broken() -> list[str]:
    return [said for _name, check in invariants.INVARIANTS for said in check()]


def test_a_run_arrives_with_its_steps_cost_and_event(cast: Cast) -> None:
    [taken] = take_runs(cast.agent, [a_run()], source="api")
    run = Run.objects.get()
    assert taken.run_id == run.pk
    assert (taken.status, taken.steps, run.state, run.steps_done, run.source) == ("created", 3, "done", 3, "api")
    assert list(run.steps.order_by("seq").values_list("node", "kind")) == [
        ("customer", "message"),
        ("look_up", "tool"),
        ("assistant", "role"),
    ]
    assert run.steps.get(key="2").output == {"paid": True}
    assert set(run.steps.values_list("cost_center", "use_case")) == {(cast.agent.function, cast.agent.slug)}
    assert (run.cost_micros, run.steps.get(key="3").cost_micros) == (2100, 2100)
    event = AuditEvent.objects.get(object_id=run.pk)
    assert (event.verb, event.correlation_id, event.object_label) == ("run.reported", run.pk, run.audit_label)
    assert broken() == []


def test_a_run_and_its_steps_say_who_pays_and_what_for(cast: Cast) -> None:
    steps = [{"name": "a", "use_case": "returns"}, {"name": "b"}]
    take(cast, a_waiting_run(steps=steps, cost_center="care", use_case="refunds"))
    tags = Run.objects.get().steps.order_by("seq").values_list("cost_center", "use_case")
    assert list(tags) == [("care", "returns"), ("care", "refunds"), ("care", "refunds")]


def test_a_run_told_bit_by_bit_ends_when_it_ended(cast: Cast) -> None:
    ended = timezone.now() - timedelta(hours=3)
    assert take(cast, a_run(status="running"), a_run(finished_at=ended.isoformat())) == ["created", "updated"]
    assert Run.objects.get().finished_at == ended


def test_the_same_run_again_adds_nothing(cast: Cast) -> None:
    assert take(cast, a_run(), a_run("R-2"), a_run()) == ["created", "created", "duplicate"]
    assert take(cast, a_run("R-2"), a_run()) == ["duplicate", "duplicate"]
    assert (Run.objects.count(), Step.objects.count(), AuditEvent.objects.filter(verb="run.reported").count()) == (
        2,
        6,
        2,
    )


def test_one_bad_run_does_not_sink_the_others(cast: Cast) -> None:
    bad: list[Document] = [a_run(status="done!!"), {"external_id": 7}, a_run("R-3", cost="12,50"), a_run("R-4", x=1)]
    results = take_runs(cast.agent, [a_run(), *bad, a_run("R-5")], source="api")
    assert [each.status for each in results] == ["created", *["rejected"] * 4, "created"]
    [long] = take_runs(cast.agent, [{"external_id": "x" * 300}], source="api")
    assert (long.status, long.external_id) == ("rejected", "x" * 200)
    said = getattr(results[1].problem, "fields", {})
    assert "'running', 'waiting', 'done', 'failed' or 'cancelled'" in said["status"][0]


@pytest.mark.parametrize(
    "cost", [{"cost": -5}, {"cost": 1e308}, {"cost": "12,50"}, {"cost": 0.1 + 0.2}, {"cost": "-5"}]
)
@pytest.mark.parametrize("where", ["run", "step"])
def test_money_is_decimal_text_or_micro_units(cast: Cast, cost: Document, where: str) -> None:
    document = a_run(**cost) if where == "run" else a_run(steps=[{"name": "a", **cost}])
    assert take(cast, document) == ["rejected"]


def test_whole_micro_units_are_money(cast: Cast) -> None:
    assert take(cast, a_run(cost_micros=5)) == ["created"]
    assert Run.objects.get().cost_micros == 5
    assert take(cast, a_run("R-2", cost_micros=5.0)) == ["rejected"]


def test_a_time_that_has_not_come_is_kept_and_flagged(cast: Cast) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    take(cast, a_run(started_at=tomorrow.isoformat(), finished_at=tomorrow.isoformat()))
    run = Run.objects.get()
    assert (run.flags, run.started_at) == (["clock_skew"], tomorrow)
    assert run.created_at <= timezone.now() >= run.state_since


def test_text_that_cannot_be_stored_is_replaced_and_sinks_nobody(cast: Cast) -> None:
    hostile = a_run("R-2", title="a\x00b", steps=[{"name": "x\ud800", "output": {"\x00": "\udfff"}}])
    assert take(cast, a_run(), hostile) == ["created", "created"]
    run = Run.objects.get(external_id="R-2")
    assert (run.title, run.steps.get().node, run.steps.get().output) == ("a�b", "x�", {"�": "�"})


def test_a_run_goes_on_as_it_is_told(cast: Cast) -> None:
    begun = a_run(status="running", steps=[{"key": "1", "name": "look_up", "kind": "tool", "status": "intended"}])
    assert take(cast, begun, begun) == ["created", "duplicate"]
    assert take(cast, a_run(status="running", steps=[{"key": "1", "name": "look_up", "output": 7}])) == ["updated"]
    assert take(cast, a_run(result="paid")) == ["updated"]
    run = Run.objects.get()
    assert (run.state, run.steps_done, run.last_seq, run.result, run.cost_micros) == ("done", 3, 3, "paid", 2100)
    assert run.steps.get(key="1").output == 7
    assert broken() == []


def test_what_is_told_later_adds_to_a_run_and_takes_nothing_away(cast: Cast) -> None:
    take(cast, a_run(status="running"))
    news: Document = {
        "title": "Another",
        "input": {"text": "Else?"},
        "cost_micros": 5,
        "steps": [{"key": "4", "name": "log"}],
    }
    assert take(cast, a_run(status="running", **news)) == ["updated"]
    run = Run.objects.get()
    assert (run.title, run.input["text"], run.cost_micros) == ("Refund", "Where is my refund?", 2100)


@pytest.mark.parametrize("late", ["running", "waiting", "failed", "cancelled"])
def test_what_is_over_stays_over(cast: Cast, late: str) -> None:
    take(cast, a_run())
    assert take(cast, a_run(status=late, asks=[ASK])) == ["duplicate"]
    assert (Run.objects.get().state, RunException.objects.count()) == ("done", 0)
    asked = {"key": "p", "name": "ask", "kind": "person", "status": "intended"}
    news = [{"key": "late", "name": "log"}, asked]
    assert take(cast, a_run(status=late, asks=[ASK], steps=news)) == ["updated"]
    assert (Run.objects.get().state, Run.objects.get().steps_done) == ("done", 4)
    assert not Step.objects.filter(key="p").exists(), "nobody is asked by what is over"
    assert broken() == []


def test_a_waiting_run_asks_its_owners_and_goes_on_with_their_answer(cast: Cast) -> None:
    assert take(cast, a_waiting_run(), a_waiting_run()) == ["created", "duplicate"]
    exception = RunException.objects.select_related("item").get()
    assert (exception.kind, exception.severity, exception.proposal) == ("approval", "high", {"amount": "40"})
    assert AgentStatus.objects.get(agent=cast.agent).state == Observed.WAITING_ON_HUMAN
    decide(
        exception.item,
        actor=cast.owner,
        kind=DecisionKind.APPROVE,
        proposal_sha256=exception.proposal_sha256,
        idempotency_key="k",
    )
    run = Run.objects.get()
    assert (run.state, run.lease_until, run.published_at) == (RunState.RUNNING, None, None)
    answer = run.steps.get(key="ask:A-1")
    assert (answer.state, (answer.output or {})["decision"]) == (StepState.CONFIRMED, "approve")
    assert take(cast, a_waiting_run()) == ["duplicate"], "what was asked once is not asked again"
    assert take(cast, a_waiting_run(steps=[{"key": "4", "name": "pay"}])) == ["updated"]
    assert (Run.objects.get().state, RunException.objects.count()) == (RunState.RUNNING, 1)
    assert broken() == []


def test_an_answer_given_elsewhere_closes_the_question(cast: Cast) -> None:
    take(cast, a_waiting_run())
    assert take(cast, a_run(status="running")) == ["duplicate"], "it may be older than the question"
    assert Run.objects.get().state == "waiting"
    assert take(cast, a_run()) == ["updated"]
    assert RunException.objects.get().state == ExceptionState.RESOLVED
    assert Run.objects.get().state == "done"
    assert broken() == []


def test_a_run_that_asks_twice_waits_for_both(cast: Cast) -> None:
    take(cast, a_waiting_run(asks=[ASK, {"id": "A-2", "title": "Which address?"}]))
    for exception in RunException.objects.select_related("item").order_by("pk"):
        assert Run.objects.get().state == "waiting"
        decide(exception.item, actor=cast.owner, kind=DecisionKind.RESPOND, note="No", idempotency_key="k")
    assert Run.objects.get().state == "running"
    assert broken() == []


def test_a_failed_run_needs_somebody(cast: Cast) -> None:
    take(cast, a_run(status="failed", error="The CRM did not answer"))
    exception = RunException.objects.get()
    assert (exception.kind, exception.detail, exception.step_key) == ("failure", "The CRM did not answer", "")


def test_a_finished_run_may_leave_something_to_people(cast: Cast) -> None:
    take(cast, a_run(asks=[{"kind": "handoff", "title": "Wants a person"}]))
    left = RunException.objects.get()
    assert (left.kind, left.step_key) == (ExceptionKind.HANDOFF, "")
    assert Run.objects.get().state == "done"


def test_no_worker_and_no_sweep_takes_a_reported_run(cast: Cast) -> None:
    take(cast, a_run(status="running"), a_waiting_run("R-2"))
    before = list(Run.objects.order_by("pk").values("state", "fence", "attempt", "published_at"))
    sweep()
    assert [claim(pk) for pk in Run.objects.values_list("pk", flat=True)] == [None, None]
    assert list(Run.objects.order_by("pk").values("state", "fence", "attempt", "published_at")) == before
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.update(state=RunState.QUEUED)


def test_a_retired_agent_reports_nothing_any_more(cast: Cast) -> None:
    cast.agent.lifecycle = Lifecycle.RETIRED
    with pytest.raises(Conflict):
        take(cast, a_run())


@pytest.mark.django_db(transaction=True)
def test_batches_with_the_same_runs_at_once_keep_each_once() -> None:
    cast = make_cast()
    there = [a_run(f"R-{number}") for number in range(20)]

    def one(turn: int) -> list[str]:
        try:
            return take(cast, *(there if turn % 2 else reversed(there)))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        results = [status for statuses in pool.map(one, range(6)) for status in statuses]
    assert (results.count("created"), results.count("duplicate")) == (20, 100)
    assert (Run.objects.count(), Step.objects.count()) == (20, 60)


def test_nobody_steers_here_what_runs_elsewhere(cast: Cast) -> None:
    take(cast, a_run(), a_waiting_run("R-2"))
    over, waiting = Run.objects.select_related("agent").order_by("external_id")
    for act in (pause_run, cancel_run):
        with pytest.raises(Conflict, match="Another system"):
            act(waiting, actor=cast.owner)
    with pytest.raises(Conflict, match="Another system"):
        rerun(over, actor=cast.owner)


@pytest.mark.django_db(transaction=True)
def test_batches_that_follow_the_same_runs_never_wait_in_a_circle() -> None:
    cast = make_cast()
    shared = [a_run(f"R-{number}", status="running", steps=[]) for number in range(6)]
    take(cast, *shared)

    def one(turn: int) -> None:
        try:
            for round in range(4):
                news = [{"key": f"{turn}-{round}", "name": "look_up"}]
                told = [document | {"steps": news} for document in shared]
                # Who fails is observed before it follows, the others after.
                state = "failed" if turn % 2 else "done"
                take(cast, a_run(f"A-{turn}-{round}", status=state), *told)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert (Run.objects.count(), Step.objects.count()) == (6 + 16, 6 * 16 + 16 * 3)
    assert broken() == []
