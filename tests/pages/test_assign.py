"""Giving a flow to an agent from the flow's page."""

from copy import copy
from dataclasses import replace
from functools import partial
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.base.errors import Invalid
from agents.fleet.enums import Lifecycle
from agents.fleet.models import AgentOwner, Assignment, FlowVersion, Schedule
from agents.flows import catalog
from agents.flows.actions import equip, try_flow, version_of
from agents.flows.assigning import assign_flow
from agents.flows.models import FlowTerms
from agents.runs.actions import start_run
from agents.runs.models import Run
from audit.models import AuditEvent
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast
from tests.model import use_rehearsal
from tests.pages.conftest import SignIn

__all__ = ["machine", "use_rehearsal"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
PAGE = "/flows/chaining/assign/"
GIVEN = {"agent": "refund-agent"}


@pytest.fixture
def equipped(cast: Cast) -> Cast:
    equip(cast.agent, actor=cast.owner)
    return cast


def test_its_next_ticket_runs_the_flow_it_was_given_and_the_first_goes_on(equipped: Cast, sign_in: SignIn) -> None:
    before = start_run(equipped.agent, actor=equipped.owner, input={"text": "Where is it?"})
    client = sign_in(equipped.owner)
    assert "Ticket triage" in client.get(PAGE).content.decode()
    assert client.post(PAGE, GIVEN).headers["Location"] == "/agents/refund-agent/"
    after = start_run(equipped.agent, actor=equipped.owner, input={"text": "Where is it?"})
    flows = Run.objects.values_list("pk", "flow_version__flow__slug")
    assert dict(flows) == {before.pk: "triage", after.pk: "chaining"}
    assert Assignment.objects.get().use_case == "chaining"
    assert FlowTerms.objects.get(flow__slug="chaining").owner == equipped.owner
    assert AuditEvent.objects.filter(verb="flow.assigned", agent_id=equipped.agent.pk).count() == 1


def test_other_limits_leave_the_flow_and_over_the_wire_it_is_named(equipped: Cast, machine: MakeMachine) -> None:
    caller, path = machine("owner"), "/agents/refund-agent/assignment"
    assert caller.call("PUT", path, {"flow": "chaining"})[1]["flow"] == "chaining"
    equip(equipped.agent, actor=equipped.owner, run_cap_micros=900_000)
    kept = Assignment.objects.get()
    assert (kept.flow_version.flow.slug, kept.use_case, kept.run_cap_micros) == ("chaining", "chaining", 900_000)
    assert caller.call("PUT", path, {"flow": "swarm"})[1]["code"] == "because"
    assert caller.call("PUT", path, {"flow": "magic"})[0] == 422


def test_a_heavy_pattern_is_given_for_a_reason_only(equipped: Cast, sign_in: SignIn) -> None:
    client = sign_in(equipped.owner)
    assert client.post("/flows/swarm/assign/", GIVEN).status_code == 422
    assert client.post("/flows/swarm/assign/", GIVEN | {"because": "Nobody can route this."}).status_code == 302


def test_another_route_is_chosen_with_the_flow_on_the_page_and_over_the_wire(
    equipped: Cast, sign_in: SignIn, machine: MakeMachine
) -> None:
    page = "/flows/triage/assign/"
    client, caller = sign_in(equipped.owner), machine("owner")
    assert "Ask before it leaves" in client.get(page).content.decode()
    assert client.post(page, GIVEN | {"otherwise": "gate"}).status_code == 302
    assert client.post(page, GIVEN | {"otherwise": "omnichannel"}).status_code == 422
    assert Assignment.objects.get().flow_version.settings["otherwise"] == "gate"
    path = "/agents/refund-agent/assignment"
    for said, kept in (({}, "gate"), ({"otherwise": "routing"}, "routing"), ({"otherwise": ""}, None)):
        assert caller.call("PUT", path, {"flow": "triage", **said})[0] == 200
        assert Assignment.objects.get().flow_version.settings.get("otherwise") == kept
    assert caller.call("PUT", path, {"flow": "triage", "otherwise": "omnichannel"})[1]["code"] == "otherwise"


def test_a_heavy_pattern_as_the_other_route_takes_a_reason_too(
    equipped: Cast, sign_in: SignIn, machine: MakeMachine
) -> None:
    client, heavy = sign_in(equipped.owner), {"otherwise": "swarm"}
    asked = client.post(PAGE, GIVEN | heavy)
    assert (asked.status_code, 'name="because"' in asked.content.decode()) == (422, True)
    assert machine("owner").call("PUT", "/agents/refund-agent/assignment", {"flow": "chaining", **heavy})[0] == 422
    assert client.post(PAGE, GIVEN | heavy | {"because": "Nobody can route this."}).status_code == 302


def test_a_live_agent_is_given_no_flow_that_two_people_do_not_answer_for(equipped: Cast, sign_in: SignIn) -> None:
    assert equipped.agent.lifecycle == Lifecycle.LIVE
    client = sign_in(equipped.owner)
    client.post(PAGE, GIVEN)
    client.post("/flows/triage/assign/", GIVEN)
    FlowTerms.objects.filter(flow__slug="chaining").update(second_owner=None)
    answer = client.post(PAGE, GIVEN)
    assert answer.status_code == 422
    assert "needs two owners who are active; it has 1" in unescape(answer.content.decode())
    assert Assignment.objects.get().flow_version.flow.slug == "triage"


def test_an_agent_that_has_gone_live_meanwhile_is_live(equipped: Cast) -> None:
    FlowTerms.objects.all().delete()
    assign_flow(equipped.agent, catalog.recipe("chaining"), actor=equipped.owner)
    FlowTerms.objects.filter(flow__slug="chaining").update(second_owner=None)
    seen_before = copy(equipped.agent)
    seen_before.lifecycle = Lifecycle.ONBOARDING
    with pytest.raises(Invalid, match="two owners"):
        assign_flow(seen_before, catalog.recipe("chaining"), actor=equipped.owner)


def test_a_flow_that_is_not_ready_is_neither_given_nor_tried(equipped: Cast) -> None:
    shipped = catalog.recipe("chaining")
    unready = replace(shipped, graph=replace(shipped.graph, pattern="magic"))
    for act in (assign_flow, partial(try_flow, input={"text": "Hello"})):
        with pytest.raises(Invalid, match="no pattern of the library"):
            act(equipped.agent, unready, actor=equipped.owner)


def test_a_flow_that_ships_otherwise_than_it_is_kept_is_its_next_version_once(equipped: Cast) -> None:
    shipped, numbers = catalog.recipe("chaining"), list[int]()
    for _ in range(3):
        version = version_of(equipped.team, equipped.owner, shipped.graph, shipped.name)
        numbers.append(version.number)
        FlowVersion.objects.filter(number=1).update(graph={"nodes": []})
    assert (numbers, version.graph) == ([1, 2, 2], shipped.graph.describe())
    own = catalog.TRIAGE
    kept = version_of(equipped.team, equipped.owner, own.graph, own.name, own.settings)
    assert kept.number == 1, "one whose thresholds are the team's own stays as it was drawn with them"


def test_limits_and_another_flow_wait_for_each_other(equipped: Cast) -> None:
    for act in (partial(equip, equipped.agent), partial(assign_flow, equipped.agent, catalog.recipe("chaining"))):
        with CaptureQueriesContext(connection) as asked:
            act(actor=equipped.owner)
        said = [each["sql"] for each in asked]
        locked = next(n for n, sql in enumerate(said) if 'FROM "people_team"' in sql and "FOR NO KEY UPDATE" in sql)
        assert locked < next(n for n, sql in enumerate(said) if 'FROM "fleet_assignment"' in sql)


def test_a_time_that_would_start_it_on_nothing_is_in_the_way(equipped: Cast, sign_in: SignIn) -> None:
    Schedule.objects.create(agent=equipped.agent, local_time="03:00", input={"text": "Night"})
    answer = sign_in(equipped.owner).post("/flows/documents/assign/", GIVEN)
    assert "remove that time first" in unescape(answer.content.decode())


def test_without_limits_or_the_right_to_it_no_agent_is_offered(cast: Cast, sign_in: SignIn) -> None:
    assert "No agent of yours can run it" in sign_in(cast.owner).get(PAGE).content.decode()
    equip(cast.agent, actor=cast.owner)
    assert AgentOwner.objects.filter(agent=cast.agent).exists()
    assert sign_in(cast.human_agent).post(PAGE, GIVEN).status_code == 422
