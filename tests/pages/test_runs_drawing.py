"""The graph's layout, what became of its nodes, the critical path and the time line: no database."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runs.models import Step
from console.pages.runs.fates import Fate, node_fate
from console.pages.runs.graph import drawing
from console.pages.runs.layout import layered
from console.pages.runs.path import critical_keys
from console.pages.runs.ranks import Link, Size
from console.pages.runs.timeline import bars, figure
from tests.pages.stage import graph

BEGAN = datetime(2026, 11, 20, 3, tzinfo=UTC)


def step(key: str, start: int = 0, took: int = 100, **more: Any) -> Step:
    """A step that began `start` ms after the run and took `took` ms."""
    at = BEGAN + timedelta(milliseconds=start)
    branch = key.split("/")[2] if key.count("/") == 2 and "/b" in key else ""
    fields = {"node": key.split("/")[0], "branch": branch, "kind": "tool", "state": "confirmed", "seq": start + 1}
    end = at + timedelta(milliseconds=took)
    return Step(key=key, started_at=at, finished_at=end, latency_ms=took, **{**fields, **more})


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[Link]]:
    """Any graph in which every node is reached from the first one; circles, double and long ways included."""
    names = [f"n{number}" for number in range(draw(st.integers(1, 8)))]
    ways = [(names[draw(st.integers(0, number - 1))], names[number]) for number in range(1, len(names))]
    ways += draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=6))
    widths = draw(st.lists(st.integers(0, 130), min_size=len(ways), max_size=len(ways)))
    return names, [Link(one, other, Size(width, 26)) for (one, other), width in zip(ways, widths, strict=True)]


@settings(max_examples=80, deadline=None)
@given(graphs())
def test_no_two_nodes_and_no_two_labels_cover_one_another(case: tuple[list[str], list[Link]]) -> None:
    names, links = case
    layout = layered(dict.fromkeys(names, Size(150, 46)), links, names[0])
    rooms = [(layout.centres[name], Size(150, 46)) for name in names]
    rooms += [(route[1], link.label) for route, link in zip(layout.routes, links, strict=True) if link.label.width]
    for (one, size), (other, room) in combinations(rooms, 2):
        beside = abs(one.x - other.x) >= (size.width + room.width) / 2 - 0.1
        above = abs(one.y - other.y) >= (size.height + room.height) / 2 - 0.1
        assert beside or above
    for point in layout.centres.values():
        assert 0 < point.x < layout.size.width
        assert 0 < point.y < layout.size.height


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_every_way_leads_down_unless_it_closes_a_circle(case: tuple[list[str], list[Link]]) -> None:
    names, links = case
    layout = layered(dict.fromkeys(names, Size(150, 46)), links, names[0])
    up = {(link.source, link.target) for link in links if _y(layout, link.source) >= _y(layout, link.target)}
    down = [link for link in links if (link.source, link.target) not in up]
    assert not _circle(names, down)
    assert layout.centres[names[0]].y == min(point.y for point in layout.centres.values())


def _y(layout: Any, name: str) -> float:
    return float(layout.centres[name].y)


def _circle(names: list[str], links: list[Link]) -> bool:
    left = set(names)
    while left:
        free = {name for name in left if not any(link.target == name and link.source in left for link in links)}
        if not free:
            return True
        left -= free
    return False


def test_the_longest_way_is_one_straight_line() -> None:
    chain = ["a", "b", "c", "d"]
    links = [Link(one, other, Size(60, 13)) for one, other in pairwise(chain)]
    links += [Link("a", "d", Size(90, 26)), Link("b", "side"), Link("side", "d")]
    layout = layered(dict.fromkeys([*chain, "side"], Size(150, 46)), links, "a")
    assert len({round(layout.centres[name].x, 3) for name in chain}) == 1
    assert layout.centres["side"].x != layout.centres["b"].x


def test_branches_stand_side_by_side_in_the_frame_of_their_set() -> None:
    drawn = drawing(graph().describe(), [], over=False)
    frame = next(box for box in drawn.frames if box.name == "look")
    branches = [box for box in drawn.boxes if box.name in ("orders", "policy", "history")]
    assert len({box.y for box in branches}) == 1
    assert len({box.x for box in branches}) == 3
    for box in branches:
        assert frame.x < box.x
        assert box.x + box.size.width < frame.x + frame.size.width
        assert box.y + box.size.height < frame.y + frame.size.height


@pytest.mark.parametrize(
    ("steps", "over", "fate"),
    [
        ([], False, Fate.AHEAD),
        ([], True, Fate.SKIPPED),
        ([step("a/1")], True, Fate.CONFIRMED),
        ([step("a/1", error="exit criterion not met")], True, Fate.FAILED),
        ([step("a/1", state="failed"), step("a/2")], True, Fate.CONFIRMED),
        ([step("a/1", state="unknown")], False, Fate.UNKNOWN),
        ([step("a/1", state="sent")], False, Fate.RUNNING),
        ([step("a/1", state="intended", kind="person")], False, Fate.WAITING),
    ],
)
def test_the_last_visit_says_what_became_of_a_node(steps: list[Step], over: bool, fate: Fate) -> None:
    assert node_fate(steps, over=over) is fate


def test_of_branches_only_the_slowest_is_critical_with_all_inside_it() -> None:
    keys = ["a/1", "set/1/b0", "set/1/b0/0", "set/1/b1", "set/1/b1/0", "set/1", "z/1"]
    took = {"set/1/b0": 300, "set/1/b1": 500}
    steps = [step(key, took=took.get(key, 50)) for key in keys]
    assert critical_keys(steps) == {"a/1", "set/1", "set/1/b1", "set/1/b1/0", "z/1"}


def test_a_taken_way_is_the_one_between_two_steps_in_a_row() -> None:
    steps = [step("classify/1", 0), step("hand over/1", 200)]
    drawn = drawing(graph().describe(), steps, over=True)
    assert [way.criterion for way in drawn.ways if way.taken] == ["a person is asked for"]
    assert drawn.ways[-1].taken


@pytest.mark.parametrize(
    ("reason", "taken"),
    [
        ("it is urgent", {"it is urgent"}),
        ("it is dear; asked of a person", {"it is dear"}),
        ("at once with weigh", {"it is urgent", "it is dear"}),
    ],
)
def test_of_two_ways_between_the_same_nodes_the_one_that_held_is_taken(reason: str, taken: set[str]) -> None:
    told = {
        **graph().describe(),
        "edges": [
            {"source": "classify", "target": "hand over", "on": "done", "criterion": why}
            for why in ("it is urgent", "it is dear")
        ],
    }
    drawn = drawing(told, [step("classify/1", 0), step("hand over/1", 200, reason=reason)], over=True)
    assert {way.criterion for way in drawn.ways if way.taken} == taken


def test_an_edge_s_words_are_never_lost_though_its_lines_are_few() -> None:
    drawn = drawing(graph().describe(), [], over=True)
    way = next(way for way in drawn.ways if way.criterion.startswith("a refund is due"))
    assert len(way.lines) == 3
    assert way.lines[-1][2].endswith("…")
    assert way.criterion.endswith("own limit")


def test_the_sub_flow_is_drawn_by_itself_with_its_own_steps() -> None:
    inner = graph().describe()
    outer = {**inner, "nodes": [{**inner["nodes"][0], "name": "help", "flow": inner}], "edges": [], "start": "help"}
    steps = [step("help/1/classify/1", node="classify"), step("help/1", node="help")]
    drawn = drawing(outer, steps, over=True)
    assert [box.name for box in drawn.boxes] == ["help"]
    found = {box.name: box.fate for box in drawn.inner[0].boxes}
    assert found["classify"] is Fate.CONFIRMED
    assert found["weigh"] is Fate.SKIPPED


def test_waiting_for_a_person_is_taken_out_of_the_axis_and_said() -> None:
    steps = [
        step("a/1", 0, 400),
        step("ask/1", 400, 8 * 3_600_000, kind="person"),
        step("z/1", 400 + 8 * 3_600_000, 250),
    ]
    rows = bars(steps, now=BEGAN + timedelta(days=1))
    assert [(bar.start_ms, bar.work_ms, bar.wait_ms) for bar in rows] == [
        (0, 400, 0),
        (400, 0, 8 * 3_600_000),
        (400, 250, 0),
    ]


def test_two_people_waited_for_at_once_are_taken_out_once() -> None:
    steps = [
        step("a/1", 0, 100),
        step("p/1", 100, 5000, kind="person"),
        step("q/1", 2000, 5000, kind="person"),
        step("z/1", 7000, 60),
    ]
    assert bars(steps, now=BEGAN)[-1].start_ms == 100


def test_a_step_without_an_end_lasts_until_now() -> None:
    open_step = step("a/1", 0, 0, state="sent")
    open_step.finished_at = None
    assert bars([open_step], now=BEGAN + timedelta(seconds=3))[0].work_ms == 3000


def test_the_figure_holds_the_numbers_of_the_table() -> None:
    rows = bars([step("a/1", 0, 400), step("b/1", 400, 100, state="failed")], now=BEGAN)
    drawn = figure(rows)
    assert {(trace["meta"], *trace["base"], *trace["x"]) for trace in drawn["data"]} == {
        ("confirmed", 0.0, 0.4),
        ("failed", 0.4, 0.1),
    }
    assert drawn["layout"]["yaxis"]["categoryarray"] == [bar.label for bar in reversed(rows)]


def test_steps_that_never_began_have_no_bar() -> None:
    assert bars([Step(key="a/1", node="a", kind="tool", seq=1)], now=BEGAN) == []
