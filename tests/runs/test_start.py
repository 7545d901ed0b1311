"""Starting a run."""

import uuid

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Lifecycle
from agents.fleet.models import FlowVersion
from agents.runs.actions import rerun, start_run
from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Run
from audit.models import AuditEvent
from tests.cast import Cast
from tests.runs.toys import equip, started

TICKET = {"text": "My parcel is late"}


def test_a_started_run_is_queued_and_pinned_to_the_version_it_will_run(cast: Cast) -> None:
    assignment = equip(cast.agent, "chain")
    run = start_run(cast.agent, actor=cast.owner, input=TICKET, title="Parcel")
    run.refresh_from_db()
    assert (run.state, run.queue, run.flow_version, run.pattern) == ("queued", "bulk", assignment.flow_version, "chain")
    assert (run.input, run.title, run.started_by) == (TICKET, "Parcel", cast.owner)


def test_the_start_is_in_the_trail_with_the_person(cast: Cast) -> None:
    equip(cast.agent, "chain")
    run = start_run(cast.agent, actor=cast.owner, input=TICKET)
    event = AuditEvent.objects.get(object_id=run.pk)
    assert (event.verb, event.actor_id, event.agent_id) == ("run.queued", cast.owner.pk, cast.agent.pk)


def test_the_same_external_id_again_is_the_first_run(cast: Cast) -> None:
    equip(cast.agent, "chain")
    first = start_run(cast.agent, actor=cast.owner, input=TICKET, external_id="t-1")
    assert start_run(cast.agent, actor=cast.second, input={"text": "other"}, external_id="t-1") == first
    assert Run.objects.count() == 1


def test_two_ids_that_differ_beyond_what_a_row_keeps_are_two_runs(cast: Cast) -> None:
    equip(cast.agent, "chain")
    long = "x" * 5000
    first, other = (start_run(cast.agent, actor=None, input=TICKET, external_id=long + end) for end in "12")
    assert first != other
    assert start_run(cast.agent, actor=None, input=TICKET, external_id=long + "1") == first


def test_two_agents_may_use_the_same_external_id(cast: Cast) -> None:
    for agent in (cast.agent, cast.rival_agent):
        equip(agent, "chain")
        start_run(agent, actor=None, input=TICKET, external_id="t-1")
    assert Run.objects.count() == 2


@pytest.mark.parametrize("who", ["backup", "trainee", "manager", "auditor", "rival"])
def test_only_who_may_instruct_the_agent_may_start_it(cast: Cast, who: str) -> None:
    equip(cast.agent, "chain")
    with pytest.raises(NotAllowed):
        start_run(cast.agent, actor=getattr(cast, who), input=TICKET)
    assert not Run.objects.exists()


def test_an_agent_that_runs_nothing_here_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        start_run(cast.agent, actor=cast.owner, input=TICKET)
    assert refusal.value.code == "nothing_to_run"


def test_a_retired_agent_is_refused(cast: Cast) -> None:
    equip(cast.agent, "chain")
    cast.agent.lifecycle = Lifecycle.RETIRED
    with pytest.raises(Conflict) as refusal:
        start_run(cast.agent, actor=cast.owner, input=TICKET)
    assert refusal.value.code == "retired"


def test_an_unknown_queue_is_refused(cast: Cast) -> None:
    equip(cast.agent, "chain")
    with pytest.raises(Invalid):
        start_run(cast.agent, actor=cast.owner, input=TICKET, queue="fast")


def test_what_postgresql_cannot_keep_is_replaced_or_refused(cast: Cast) -> None:
    equip(cast.agent, "chain")
    run = start_run(cast.agent, actor=cast.owner, input={"text": "a\x00b\ud800"}, title="a\x00b")
    run.refresh_from_db()
    assert (run.input, run.title) == ({"text": "a�b?"}, "a�b")
    with pytest.raises(Invalid):
        start_run(cast.agent, actor=cast.owner, input={"text": float("nan")})


def test_a_run_keeps_what_it_is_about(cast: Cast) -> None:
    equip(cast.agent, "chain")
    batch = uuid.uuid4()
    run = start_run(cast.agent, actor=cast.owner, input=TICKET, subject=("batch", batch))
    assert (run.subject_type, run.subject_id) == ("batch", batch)


def test_a_finished_run_can_be_run_again_with_the_same_input(cast: Cast) -> None:
    run = started(cast.agent, "chain", TICKET)
    drive(run.pk)
    run.refresh_from_db()
    again = rerun(run, actor=cast.second)
    assert (again.rerun_of, again.input, again.state) == (run, TICKET, RunState.QUEUED)
    assert again.external_id is None


def test_a_run_of_another_flow_is_run_again_by_that_flow(cast: Cast) -> None:
    tried = equip(cast.agent, "wide").flow_version
    own = equip(cast.agent, "chain").flow_version
    runs = [start_run(cast.agent, actor=None, input=TICKET, flow_version=one) for one in (tried, None)]
    newest = FlowVersion.objects.create(flow=tried.flow, number=tried.number + 1, graph=tried.graph)
    Run.objects.filter(pk__in=[one.pk for one in runs]).update(state=RunState.DONE)
    again = [rerun(Run.objects.get(pk=one.pk), actor=cast.owner).flow_version for one in runs]
    assert again == [newest, own]


def test_a_run_that_is_not_over_is_not_run_again(cast: Cast) -> None:
    with pytest.raises(Conflict):
        rerun(started(cast.agent, "chain"), actor=cast.owner)
