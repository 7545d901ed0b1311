"""An incident: opened from exceptions, led, noted, contained, resolved, and told in order."""

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Lifecycle, OwnerRole, Verb
from agents.fleet.freezes import standing
from agents.fleet.models import Agent
from agents.runs.actions import (
    contain_incident,
    lead_incident,
    note_incident,
    open_incident,
    raise_exception,
    resolve_incident,
    set_runbook,
    tick_task,
)
from agents.runs.enums import ExceptionKind, IncidentState
from agents.runs.models import Incident, RunException
from agents.runs.queries.incidents import agents_of, incidents_for, runbook_for, timeline
from audit.models import AuditEvent
from tests.cast import Cast, make_agent

pytestmark = pytest.mark.django_db
KIND = ExceptionKind.GUARDRAIL


def wrong(agent: Agent) -> RunException:
    return raise_exception(agent, kind=KIND, title="It promised a refund")


def opened(cast: Cast, *exceptions: RunException) -> Incident:
    return open_incident(exceptions or [wrong(cast.agent)], title="Wrong promises", actor=cast.owner)


def done(incident: Incident, cast: Cast) -> None:
    for task in incident.tasks.all():
        tick_task(incident, place=task.place, done=True, actor=cast.owner)


def other(cast: Cast) -> Agent:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    return make_agent(cast.team, "other", *seats)


def test_it_takes_in_what_it_is_opened_from_and_is_numbered(cast: Cast) -> None:
    both = [wrong(cast.agent), wrong(other(cast))]
    first, second = opened(cast, *both), opened(cast)
    assert (first.number, second.number) == (1, 2)
    assert [agent.slug for agent in agents_of(first)] == ["other", "refund-agent"]
    assert (first.commander, first.state) == (cast.owner, IncidentState.OPEN)
    assert [task.text for task in first.tasks.order_by("place")] == list(runbook_for(cast.team, KIND).steps)


def test_an_exception_is_part_of_one_incident(cast: Cast) -> None:
    exception = wrong(cast.agent)
    opened(cast, exception)
    with pytest.raises(Conflict):
        opened(cast, exception)
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("who", ["manager", "trainee", "auditor", "rival"])
def test_who_may_not_decide_opens_none_and_moves_none(cast: Cast, who: str) -> None:
    incident, user = opened(cast), getattr(cast, who)
    with pytest.raises(NotAllowed):
        open_incident([wrong(cast.agent)], title="No", actor=user)
    with pytest.raises(NotAllowed):
        note_incident(incident, text="No", actor=user)
    assert incidents_for(user, Verb.VIEW).exists() == (who in ("trainee", "auditor"))


def test_the_team_s_own_runbook_is_followed_from_its_next_incident_on(cast: Cast) -> None:
    set_runbook(cast.team, kind=KIND, text=" Call legal \n\nTell support", actor=cast.operations)
    incident = opened(cast)
    assert [task.text for task in incident.tasks.order_by("place")] == ["Call legal", "Tell support"]
    task = tick_task(incident, place=1, done=True, actor=cast.second)
    assert task.done_by == cast.second
    assert tick_task(incident, place=1, done=False, actor=cast.second).done_at is None
    with pytest.raises(NotAllowed):
        set_runbook(cast.team, kind=KIND, text="", actor=cast.owner)


def test_containing_pauses_its_agents_and_only_its_own(cast: Cast) -> None:
    incident, elsewhere = opened(cast), other(cast)
    with pytest.raises(Invalid):
        contain_incident(incident, agents=[elsewhere], actor=cast.owner)
    incident = contain_incident(incident, agents=[cast.agent], actor=cast.owner)
    cast.agent.refresh_from_db()
    assert (cast.agent.lifecycle, incident.state) == (Lifecycle.PAUSED, IncidentState.CONTAINED)
    assert cast.agent.lifecycle_reason == "Incident 1: Wrong promises"
    assert contain_incident(incident, agents=[cast.agent], actor=cast.owner).contained_at == incident.contained_at


def test_an_agent_can_be_held_by_what_it_changes_alone(cast: Cast) -> None:
    incident = contain_incident(opened(cast), agents=[cast.agent], by="freeze", actor=cast.owner)
    cast.agent.refresh_from_db()
    assert (cast.agent.lifecycle, incident.state) == (Lifecycle.LIVE, IncidentState.CONTAINED)
    assert standing(cast.agent.pk, cast.team.pk).frozen == "Incident 1: Wrong promises"
    assert [agent.frozen for agent in agents_of(incident)] == [True]  # type: ignore[attr-defined]


def test_it_is_resolved_once_with_its_cause(cast: Cast) -> None:
    incident = opened(cast)
    for cause, resolution in (("", "Done"), ("rule", " ")):
        with pytest.raises(Invalid):
            resolve_incident(incident, root_cause=cause, resolution=resolution, actor=cast.owner)
    done(incident, cast)
    incident = resolve_incident(incident, root_cause="rule", resolution="Tightened", actor=cast.owner)
    assert (incident.state, incident.root_cause) == (IncidentState.RESOLVED, "rule")
    with pytest.raises(Conflict):
        resolve_incident(incident, root_cause="rule", resolution="Again", actor=cast.owner)
    assert note_incident(incident, text="Seen once more", actor=cast.second).text == "Seen once more"


@pytest.mark.parametrize(("ticked", "left"), [(1, "2 steps of the runbook are"), (2, "1 step of the runbook is")])
def test_steps_that_are_not_ticked_stay_so_for_a_reason(cast: Cast, ticked: int, left: str) -> None:
    set_runbook(cast.team, kind=KIND, text="Call legal\nTell support\nTell them", actor=cast.operations)
    incident = opened(cast)
    for place in range(1, ticked + 1):
        tick_task(incident, place=place, done=True, actor=cast.owner)
    for silent in ("", "  "):
        with pytest.raises(Invalid, match=left) as refusal:
            resolve_incident(incident, root_cause="rule", resolution="Done", undone=silent, actor=cast.owner)
        assert list(refusal.value.fields) == ["undone"]
    incident = resolve_incident(
        incident, root_cause="rule", resolution="Done", undone="Nobody was told of it", actor=cast.owner
    )
    assert incident.state == IncidentState.RESOLVED
    assert timeline(incident)[-1].about.endswith(f"{left.partition(' of')[0]} not done: Nobody was told of it")


def test_the_lead_goes_to_somebody_who_may_decide(cast: Cast) -> None:
    incident = opened(cast)
    assert lead_incident(incident, commander=cast.backup, actor=cast.owner).commander == cast.backup
    with pytest.raises(Invalid):
        lead_incident(incident, commander=cast.manager, actor=cast.owner)


def test_the_timeline_tells_everything_in_order(cast: Cast) -> None:
    incident = opened(cast)
    note_incident(incident, text="Legal was called", actor=cast.second)
    contain_incident(incident, agents=[cast.agent], actor=cast.owner)
    told = [moment.text or moment.what for moment in timeline(incident)]
    assert told == [
        "raised an exception",
        "opened an incident",
        "Legal was called",
        "Paused the agent",
        "contained an incident",
    ]


def test_every_move_is_in_the_trail(cast: Cast) -> None:
    incident = opened(cast)
    note_incident(incident, text="x", actor=cast.owner)
    tick_task(incident, place=1, done=True, actor=cast.owner)
    resolve_incident(incident, root_cause="model", resolution="x", undone="No need", actor=cast.owner)
    told = AuditEvent.objects.filter(object_id=incident.pk).order_by("seq").values_list("verb", flat=True)
    assert list(told) == ["incident.opened", "incident.noted", "incident.ticked", "incident.resolved"]
