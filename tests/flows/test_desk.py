"""Each task of what came in goes to the agent that fits it best, and everybody who was considered is on the step."""

from typing import Any

import pytest
from django.utils import timezone

from agents.engine import LeaseLost
from agents.fleet.actions import add_knowledge
from agents.fleet.enums import Function, Lifecycle, OwnerRole
from agents.fleet.models import Agent, Assignment, PolicyVersion
from agents.runs.actions.delegating import delegate
from agents.runs.enums import RunState
from agents.runs.models import Run, RunException
from agents.runs.queries.colleagues import Need, colleagues
from audit.models import AuditEvent
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast, make_agent
from tests.flows.library import Bench, bench_of, step
from tests.pages.conftest import SignIn, sign_in
from tests.rehearsal.fixtures import Rehearsal

__all__ = ["machine", "sign_in"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
LIFT = {"task": "The lift in building B stopped.", "function": "operations", "changes": False}
INVOICE = {"task": "The invoice charges twice.", "function": "billing", "changes": False}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def colleague(cast: Cast, bench: Bench, slug: str, function: Function) -> Agent:
    """A live agent of ours beside the desk's own, with triage to run."""
    made = make_agent(cast.team, slug, (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    Agent.objects.filter(pk=made.pk).update(function=function)
    made.refresh_from_db()
    version = bench.agent.assignment.flow_version
    Assignment.objects.create(agent=made, flow_version=version, run_cap_micros=10**5, day_cap_micros=10**6)
    return made


def ranked(run: Run, task: dict[str, Any]) -> list[tuple[str, str]]:
    need = Need(task["task"], task["function"], task["changes"])
    return [(one.agent, one.why_not) for one in colleagues(run, need, {"text": task["task"]})]


@pytest.fixture
def desk(bench: Bench) -> Run:
    """A run of the desk that is under way."""
    return Run.objects.create(
        agent=bench.agent, flow_version=bench.agent.assignment.flow_version, input={"text": "Two things."}
    )


def test_who_knows_of_a_task_goes_first_then_the_least_busy_then_the_cheapest(
    cast: Cast, bench: Bench, desk: Run
) -> None:
    dear, cheap, busy, wise = (colleague(cast, bench, name, Function.OPERATIONS) for name in NAMES)
    for agent, micros in ((dear, 900), (cheap, 100), (busy, 1), (wise, 5000)):
        Run.objects.create(agent=agent, state=RunState.DONE, cost_micros=micros)
    Run.objects.create(agent=busy)
    assert [one for one, why in ranked(desk, LIFT) if not why] == ["cheap", "dear", "wise", "busy"]
    add_knowledge(wise, source="lifts.md", text="# Lift\nThe lift of building B is an Otis.", actor=cast.owner)
    assert next(ranked_one for ranked_one, _why in ranked(desk, LIFT)) == "wise"


NAMES = ("dear", "cheap", "busy", "wise")


def test_who_may_not_cannot_or_had_it_already_is_named_with_the_reason(cast: Cast, bench: Bench, desk: Run) -> None:
    names = ("paused", "idle", "sales", "tool-less")
    paused, idle, sales, _bare = (colleague(cast, bench, name, Function.OPERATIONS) for name in names)
    Agent.objects.filter(pk=paused.pk).update(lifecycle=Lifecycle.PAUSED)
    Agent.objects.filter(pk=sales.pk).update(function=Function.SALES)
    Assignment.objects.filter(agent=idle).delete()
    told = {
        "paused": "is not live",
        "idle": "has nothing to run",
        "sales": "belongs to another department",
        "tool-less": "",
        bench.agent.slug: "has already worked on it",
    }
    assert dict(ranked(desk, LIFT)) == told
    assert dict(ranked(desk, LIFT | {"changes": True}))["tool-less"] == "has no tool that changes anything"


def test_the_desk_gives_each_task_to_its_agent_once_and_shows_who_was_considered(
    cast: Cast, bench: Bench, sign_in: SignIn, machine: MakeMachine
) -> None:
    lifts, bills = (
        colleague(cast, bench, "lifts", Function.OPERATIONS),
        colleague(cast, bench, "bills", Function.BILLING),
    )
    bench.says({"tasks": [LIFT, INVOICE]})
    said = "The lift stopped, and the invoice is wrong."
    held = PolicyVersion.objects.get(team=cast.team)
    PolicyVersion.objects.update(rules=held.rules | {"channel_seconds": {"chat": 600}})
    run = bench.run("front-desk", said, customer="kim@b.example", thread="T-7", channel="chat")
    assert run.state == RunState.DONE, run.reason
    first, second = Run.objects.filter(subject_id=run.pk).order_by("created_at")
    assert [(one.agent, one.state, one.input["text"]) for one in (first, second)] == [
        (lifts, RunState.QUEUED, LIFT["task"]),
        (bills, RunState.QUEUED, INVOICE["task"]),
    ]
    assert (first.input["customer"], first.input["thread"]) == ("kim@b.example", "T-7")
    assert first.answer_by == run.answer_by is not None
    assert run.result == [
        {"task": LIFT["task"], "agent": "lifts", "run": str(first.pk)},
        {"task": INVOICE["task"], "agent": "bills", "run": str(second.pk)},
    ]
    assert "lifts fits best" in step(run, "hand_on/1/0").reason
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()
    handed = page[page.index('id="handed"') :]
    assert f"/runs/{first.pk}/" in handed
    assert "belongs to another department" in handed
    assert f"/runs/{run.pk}/" in sign_in(cast.owner).get(f"/runs/{first.pk}/").content.decode()
    _status, why = machine("owner").get(f"/runs/{run.pk}/why")
    assert [one["agent"] for one in why["handed"]] == ["lifts", "bills"]
    assert AuditEvent.objects.filter(verb="run.delegated", object_id=run.pk).count() == 2


def test_a_step_that_is_made_again_begins_nothing_twice(cast: Cast, bench: Bench, desk: Run) -> None:
    colleague(cast, bench, "lifts", Function.OPERATIONS)
    Run.objects.filter(pk=desk.pk).update(state=RunState.RUNNING, lease_until=timezone.now())
    need = Need("The lift in building B stopped.", "operations")
    again = [delegate(desk, "hand_on/1/1", need)["run"] for _ in range(2)]
    assert again[0] == again[1] is not None
    desk.fence += 1
    with pytest.raises(LeaseLost):
        delegate(desk, "hand_on/1/2", need)


def test_a_task_that_nobody_fits_goes_to_a_person(cast: Cast, bench: Bench) -> None:
    bench.says({"tasks": [INVOICE]})
    run = bench.run("front-desk")
    assert run.state == RunState.WAITING
    assert "No agent fits" in RunException.objects.get(run=run).detail
    assert not Run.objects.filter(subject_id=run.pk).exists()
