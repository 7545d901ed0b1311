"""What is said of a flow before it is chosen."""

from dataclasses import replace

import pytest

from agents.base.errors import Invalid
from agents.engine import ALWAYS, Edge
from agents.flows.actions import equip, try_flow
from agents.flows.catalog import LIBRARY, recipe
from agents.flows.counsel import asks_when, done_when, separable, serial, serial_ms
from agents.flows.patterns import COMPARED, HEAVY
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast, signed_in
from tests.runs.toys import line, person, step

FIVE = line("toy-five", *(replace(step(f"n{number}"), latency_ms=2_000) for number in range(5)))


def test_five_nodes_of_two_seconds_take_ten_one_after_another() -> None:
    assert serial_ms(FIVE) == 10_000


def test_people_and_the_shorter_of_two_ways_are_left_out() -> None:
    graph = line("toy-ways", step("first"), person(), step("last"))
    longer = replace(step("longer"), latency_ms=1_500)
    ways = (*graph.edges, Edge(source="first", target="longer", criterion=ALWAYS))
    forked = replace(graph, nodes=(*graph.nodes, longer), edges=ways)
    assert [node.name for node in serial(forked)] == ["first", "longer"]


def test_neighbours_that_do_not_read_each_other_could_run_at_once() -> None:
    reads = replace(step("reads"), reads=("look",))
    graph = line("toy-apart", step("look"), reads, step("free"))
    assert [(first.name, second.name) for first, second in separable(graph)] == [("reads", "free")]


def test_a_flow_says_when_it_is_done_and_when_a_person_is_asked() -> None:
    triage = recipe("triage").graph
    assert [node.name for node in done_when(triage)] == ["publish", "close"]
    assert {way.source for way in asks_when(triage)} == {"classify", "retrieve", "generate", "verify"}


def test_every_flow_of_the_library_ends_somewhere_and_a_loop_is_counted_once() -> None:
    for one in LIBRARY:
        assert list(done_when(one.graph)), one.slug
        names = [node.name for node in serial(one.graph)]
        assert len(names) == len(set(names)) > 0, one.slug


@pytest.mark.django_db
@pytest.mark.usefixtures("use_rehearsal")
def test_a_heavy_pattern_is_run_for_a_reason_and_held_against_a_lighter_one(cast: Cast) -> None:
    equip(cast.agent, actor=cast.owner)
    client, swarm = signed_in(cast.owner), recipe("swarm")
    given = {"text": "Who can help me?"}
    for because in ("", " \t"):
        with pytest.raises(Invalid, match="Say why"):
            try_flow(cast.agent, swarm, actor=cast.owner, input=given, because=because)
    typed = {"agent": cast.agent.slug, "input-text": given["text"], "key": "018f0000-0000-7000-8000-000000000001"}
    assert client.post("/flows/swarm/", typed).status_code == 422
    assert client.post("/flows/swarm/", {**typed, "because": "Nobody knows who."}).status_code == 302
    told = AuditPayload.objects.get(pk=AuditEvent.objects.get(verb="flow.heavy_tried").pk).body
    assert (told["flow"], told["because"]) == ("swarm", "Nobody knows who.")
    text = client.get("/flows/swarm/").content.decode()
    assert HEAVY["swarm"] in text
    assert "Before you choose it" in text
    assert recipe(COMPARED).graph.pattern not in HEAVY


@pytest.mark.django_db
def test_what_is_light_comes_first(cast: Cast) -> None:
    text = signed_in(cast.owner).get("/flows/").content.decode()
    heavy = [one.slug for one in LIBRARY if one.graph.pattern in HEAVY]
    assert len(heavy) == len(HEAVY)
    assert min(text.index(f'id="flow-{slug}"') for slug in heavy) > text.index('id="flow-routing"')
    assert max(text.index(f'id="flow-{one.slug}"') for one in LIBRARY if one.slug not in heavy) < min(
        text.index(f'id="flow-{slug}"') for slug in heavy
    )
