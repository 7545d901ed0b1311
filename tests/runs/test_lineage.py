"""What each step rests on and what was made from it: read off graph and keys, no database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.flows.catalog import recipe
from agents.runs.lineage import Lineage, lineage
from agents.runs.models import Step
from tests.pages.stage import graph as refund


def node(name: str, kind: str = "role", reads: tuple[str, ...] = ("input",), **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "reads": list(reads), "branches": [], "flow": None, **more}


def steps(*keys: str, **kinds: str) -> list[Step]:
    """Steps in this order; the node is named by `key@node` where it is not the one the key begins with."""
    found = []
    for seq, one in enumerate(keys, start=1):
        key, _, name = one.partition("@")
        last = key.rpartition("/")[2]
        branch = last if last.startswith("b") and last[1:].isdigit() else ""
        name = name or key.split("/")[0]
        found.append(Step(key=key, node=name, seq=seq, branch=branch, kind=kinds.get(name, "role")))
    return found


def keys(found: list[Step]) -> list[str]:
    return [step.key for step in found]


PLAIN = {
    "nodes": [
        node("sort", "router"),
        node("find", "tool"),
        node("guess"),
        node("write", reads=("input", "find")),
        node("check", "judge", reads=("write",)),
        node("send", "tool", reads=("write", "check")),
    ]
}


def walked() -> Lineage:
    path = steps(
        "sort/1",
        "find/1",
        "guess/1",
        "write/1",
        "check/1",
        "write/2",
        "check/2",
        "send/1",
        sort="router",
        check="judge",
    )
    return lineage(PLAIN, path)


def test_an_answer_rests_on_the_last_visit_of_what_it_reads_and_on_who_chose_the_way() -> None:
    assert keys(walked().behind("send/1")) == ["sort/1", "find/1", "write/1", "check/1", "write/2", "check/2", "send/1"]
    assert walked().sources["send/1"] == {"write/2", "check/2"}
    assert walked().sources["write/2"] == {"find/1", "check/1"}


def test_who_is_asked_because_a_step_failed_rests_on_that_step() -> None:
    path = steps("guess/1", "write/1", "escalate/1")
    path[1].state = "failed"
    found = lineage({"nodes": [*PLAIN["nodes"], node("escalate", "person")]}, path)
    assert [keys(found.made_from(key)) for key in ("guess/1", "write/1")] == [[], ["escalate/1"]]


def test_what_nobody_read_has_no_blast() -> None:
    assert keys(walked().made_from("guess/1")) == []
    assert keys(walked().made_from("find/1")) == ["write/1", "check/1", "write/2", "check/2", "send/1"]


def test_branches_do_not_see_each_other_and_the_set_rests_on_all() -> None:
    path = steps(
        "classify/1",
        "look/1/b1@policy",
        "look/1/b0@orders",
        "look/1/b2@history",
        "look/1",
        "weigh/1",
        classify="router",
        look="parallel",
    )
    drawn = refund().describe()
    for one in drawn["nodes"]:
        one["reads"] = {"weigh": ["look"]}.get(one["name"], ["input"])
    found = lineage(drawn, path)
    assert found.sources["look/1"] == {"classify/1", "look/1/b0", "look/1/b1", "look/1/b2"}
    assert found.sources["look/1/b1"] == {"classify/1"}
    assert keys(found.made_from("look/1/b2")) == ["look/1", "weigh/1"]


def test_calls_questions_and_undoings_belong_to_their_step() -> None:
    drawn = {"nodes": [node("find"), node("mesh", reads=("find",)), node("last", reads=("mesh",))]}
    path = steps("find/1", "mesh/1/0@mesh", "mesh/1/outcome/1@mesh", "mesh/1", "last/1", "mesh/1/undo@mesh")
    found = lineage(drawn, path)
    assert found.sources["mesh/1/0"] == {"find/1"}
    assert found.sources["mesh/1"] == {"find/1", "mesh/1/0", "mesh/1/outcome/1"}
    assert keys(found.made_from("mesh/1")) == ["last/1", "mesh/1/undo"]


def test_a_sub_flow_rests_on_what_it_was_given_and_gives_its_last_step() -> None:
    inner = {"nodes": [node("look"), node("say", reads=("look",))]}
    drawn = {"nodes": [node("find"), node("help", "flow", reads=("find",), flow=inner), node("end", reads=("help",))]}
    found = lineage(drawn, steps("find/1", "help/1/look/1@look", "help/1/say/1@say", "help/1", "end/1"))
    assert found.sources["help/1/look/1"] == {"find/1"}
    assert keys(found.made_from("help/1/look/1")) == ["help/1/say/1", "help/1", "end/1"]


def test_an_item_of_a_set_rests_on_what_the_set_read() -> None:
    drawn = {
        "nodes": [
            node("plan"),
            node("work", "parallel", reads=("plan",)),
            node("do", reads=("item",)),
            node("merge", reads=("work",)),
        ]
    }
    found = lineage(drawn, steps("plan/1", "work/1/b0@do", "work/1/b1@do", "work/1", "merge/1", work="parallel"))
    assert found.sources["work/1/b1"] == {"plan/1"}
    assert keys(found.made_from("work/1/b0")) == ["work/1", "merge/1"]


@pytest.mark.parametrize("drawn", [None, {}], ids=["none", "empty"])
def test_a_run_without_a_graph_is_a_chain(drawn: Any) -> None:
    found = lineage(drawn, steps("a", "b", "c"))
    assert (keys(found.behind("b")), keys(found.made_from("b"))) == (["a", "b"], ["c"])


SHIPPED = recipe("triage").graph.describe()
NAMES = [one["name"] for one in SHIPPED["nodes"]]


@given(st.lists(st.sampled_from(NAMES), max_size=12))
def test_nothing_rests_on_what_came_later_and_both_ways_agree(walk: list[str]) -> None:
    path = steps(*(f"{name}/{walk[:place].count(name) + 1}" for place, name in enumerate(walk)))
    found = lineage(SHIPPED, path)
    place = {step.key: step.seq for step in path}
    for key, sources in found.sources.items():
        assert all(place[source] < place[key] for source in sources)
        for source in found.behind(key)[:-1]:
            assert key in keys(found.made_from(source.key))
