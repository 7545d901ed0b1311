"""What a flow must have before an agent goes live with it, taken away one by one."""

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.utils.translation import override

from agents.base.errors import Invalid
from agents.engine import Edge, Effect, Graph, Kind, Slo
from agents.fleet.actions import go_live
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent, AgentOwner, Assignment, Flow, FlowVersion
from agents.flows.actions import equip
from agents.flows.readiness import unready
from agents.flows.terms import Terms, set_flow_terms
from agents.people.enums import TokenScope
from agents.people.models import User
from agents.runs.registry import FlowContext, register_flow
from tests.api.conftest import Machine
from tests.cast import Cast, Seat, make_agent, signed_in
from tests.engine.toys import graph, node
from tests.runs.toys import line, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
Change = Callable[[Graph], Graph]
SLUG = "toy-unready"
TWO = replace(line(SLUG, step("look"), step("tell")), pattern="prompt chaining")
TOLD: dict[str, Change] = {}


def as_it_is(graph: Graph) -> Graph:
    return graph


def build(context: FlowContext) -> Graph:
    """The two nodes as the test wants them; a run of it is never made."""
    return TOLD.get("now", as_it_is)(TWO)


register_flow(SLUG, SLUG, build)


def first_node(**changes: Any) -> Change:
    return lambda graph: replace(graph, nodes=(replace(graph.nodes[0], **changes), *graph.nodes[1:]))


def writing(graph: Graph) -> Graph:
    """One that changes something, and names nobody for what a guardrail refuses."""
    return replace(line(SLUG, step("tell", Effect.WRITE)), pattern=graph.pattern)


TAKEN: dict[str, tuple[Change, str]] = {
    "edge criterion": (
        lambda graph: replace(graph, edges=(Edge(source="look", target="tell"),)),
        "the edge from “look” to “tell” has no criterion",
    ),
    "exit criterion": (first_node(exit=None), "node “look” has no exit criterion"),
    "latency target": (first_node(latency_ms=0), "node “look” has no latency target"),
    "cost limit": (first_node(cost_micros=None), "node “look” has no cost limit"),
    "pattern name": (lambda graph: replace(graph, pattern=""), "the flow names no pattern"),
    "known pattern": (lambda graph: replace(graph, pattern="magic"), "“magic” is no pattern of the library"),
    "SLO": (lambda graph: replace(graph, slo=Slo(latency_ms=0)), "the flow promises no latency"),
    "guardrail fallback": (
        writing,
        "names nobody for what a guardrail",
    ),
}
LEFT_OUT: dict[str, tuple[dict[str, Any], str]] = {
    "cycle time": ({"seconds": None}, "promises no cycle time"),
    "resolution rate": ({"resolved_percent": None}, "which share of its runs it resolves"),
    "rate of diversion": ({"diverted_percent": None}, "which share of its runs may ask a person"),
    "why unattended": ({"unattended_because": ""}, "say why nobody needs to look"),
    "second owner": ({"second_owner": None}, "needs two owners who are active; it has 1"),
}


def seats(cast: Cast) -> list[Seat]:
    return [(cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)]


def promised(cast: Cast) -> Terms:
    return Terms(cast.owner, cast.second, 60, 90, 20, unattended_because="It changes nothing")


@pytest.fixture
def newcomer(cast: Cast) -> Agent:
    """An agent in onboarding with two owners, whose flow has all that it needs."""
    agent = make_agent(cast.team, "newcomer", *seats(cast), lifecycle=Lifecycle.ONBOARDING)
    equip(agent, actor=cast.owner)
    kept = Flow.objects.create(team=cast.team, slug=SLUG, name=SLUG, pattern=TWO.pattern)
    version = FlowVersion.objects.create(flow=kept, number=1, graph=TWO.describe())
    Assignment.objects.filter(agent=agent).update(flow_version=version)
    set_flow_terms(kept, promised(cast), actor=cast.chief)
    TOLD.pop("now", None)
    return agent


def refused(cast: Cast, agent: Agent) -> set[str]:
    """What the page, the API and the action say, each of which leaves the agent where it was."""
    page = signed_in(cast.owner).post(f"/agents/{agent.slug}/go-live/")
    status, problem = Machine(cast.team, cast.owner, list(TokenScope.values)).post(f"/agents/{agent.slug}/go-live")
    with pytest.raises(Invalid) as raised:
        go_live(agent, actor=cast.owner)
    assert (page.status_code, status, problem["code"]) == (422, 422, raised.value.code)
    agent.refresh_from_db()
    assert agent.lifecycle == Lifecycle.ONBOARDING
    return {unescape(page.content.decode()), problem["detail"], raised.value.message}


@pytest.mark.parametrize("taken", TAKEN)
def test_a_flow_whose_graph_lacks_something_does_not_go_live(cast: Cast, newcomer: Agent, taken: str) -> None:
    TOLD["now"], sentence = TAKEN[taken]
    assert all(sentence in said for said in refused(cast, newcomer))


@pytest.mark.parametrize("left_out", LEFT_OUT)
def test_a_flow_of_which_too_little_is_promised_does_not_go_live(cast: Cast, newcomer: Agent, left_out: str) -> None:
    changes, sentence = LEFT_OUT[left_out]
    set_flow_terms(Flow.objects.get(slug=SLUG), replace(promised(cast), **changes), actor=cast.chief)
    assert all(sentence in said for said in refused(cast, newcomer))


def test_an_agent_with_one_owner_does_not_go_live(cast: Cast, newcomer: Agent) -> None:
    AgentOwner.objects.filter(agent=newcomer, user=cast.second).delete()
    assert all("owner" in said for said in refused(cast, newcomer))


def test_who_answers_for_a_flow_has_to_be_active(cast: Cast, newcomer: Agent) -> None:
    set_flow_terms(
        Flow.objects.get(slug=SLUG), replace(promised(cast), second_owner=cast.human_agent), actor=cast.chief
    )
    User.objects.filter(pk=cast.human_agent.pk).update(is_active=False)
    assert all("needs two owners who are active; it has 1" in said for said in refused(cast, newcomer))


def test_with_everything_there_it_goes_live(cast: Cast, newcomer: Agent) -> None:
    assert signed_in(cast.owner).post("/agents/newcomer/go-live/").status_code == 302
    newcomer.refresh_from_db()
    assert newcomer.lifecycle == Lifecycle.LIVE


def test_what_lacks_is_said_in_the_reader_s_language(cast: Cast, newcomer: Agent) -> None:
    TOLD["now"] = first_node(exit=None)
    with override("es"), pytest.raises(Invalid, match="el nodo “look” no tiene criterio de salida"):
        go_live(newcomer, actor=cast.owner)


@pytest.mark.parametrize("inside", [False, True], ids=["itself", "in-a-sub-flow"])
def test_what_destroys_and_cannot_be_taken_back_is_not_ready(inside: bool) -> None:
    destroys = graph(node("drop", effect=Effect.DESTRUCTIVE))
    drawn = graph(node("inner", kind=Kind.FLOW, flow=destroys)) if inside else destroys
    assert "“drop” destroys something and cannot be taken back." in unready(drawn)
