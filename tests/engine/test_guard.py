"""No walk goes round for ever; each guard has its name."""

from agents.engine import Context, Course, Done, Failed, Graph, Kind, MemoryJournal, Result
from agents.engine.call import Call
from tests.engine.toys import chain, edge, go, graph, node, when


def ping_pong(call: Call | None = None, **changes: int) -> Graph:
    """Two peers that hand over to each other for ever."""
    most = changes.get("max_visits", 10)
    return graph(
        node("ping", call, reads=("pong",), max_visits=most),
        node("pong", call, reads=("ping",), max_visits=most),
        node("end"),
        edges=(
            edge("ping", "pong"),
            edge("pong", "end", when("agreed", lambda s: False)),
            edge("pong", "ping"),
        ),
        max_steps=changes.get("max_steps", 50),
    )


def test_too_many_visits_stop_the_walk() -> None:
    outcome = go(ping_pong(max_visits=4), MemoryJournal())
    assert outcome == Failed("max_visits", "“ping” ran 4 times without a way out", "ping/5")


def test_too_many_steps_stop_the_walk() -> None:
    outcome = go(ping_pong(max_steps=7), MemoryJournal())
    assert outcome == Failed("max_steps", "“toy” took 7 steps without an end", "pong/4")


def test_the_same_input_for_the_third_time_stops_the_walk() -> None:
    journal = MemoryJournal()
    outcome = go(ping_pong(lambda context: Result("your turn")), journal)
    assert outcome == Failed("repeated_state", "“pong” would run on the same input again", "pong/3")
    assert len(journal.rows) == 5


def test_a_guard_counts_replayed_steps_too() -> None:
    journal = MemoryJournal()
    expected = go(ping_pong(max_steps=7), journal)
    assert go(ping_pong(max_steps=7), journal) == expected
    assert len(journal.rows) == 7


def test_endless_calls_inside_a_node_stop_it() -> None:
    def endless(context: Context) -> Result:
        while True:
            context.call("again", lambda: Result("more"), input=None)

    outcome = go(chain(node("react", endless)), MemoryJournal())
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.key) == ("max_calls", "react/1")


def test_a_loop_in_a_sub_flow_can_be_handled_outside() -> None:
    flow = graph(
        node("talk", kind=Kind.FLOW, flow=ping_pong(max_visits=2)),
        node("human"),
        edges=(edge("talk", "human", on=Course.FAILED),),
    )
    assert go(flow, MemoryJournal()) == Done({"by": "human/1"})
