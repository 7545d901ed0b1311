"""What working at once saved, on the spans of steps."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.runs.models import Step
from agents.runs.queries.timing import Saving, saving

ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def step(key: str, start: int, end: int, kind: str = "tool") -> Step:
    at = {"started_at": ZERO + timedelta(seconds=start), "finished_at": ZERO + timedelta(seconds=end)}
    return Step(key=key, kind=kind, **at)


def test_three_look_ups_of_two_seconds_at_once_save_two_thirds() -> None:
    found = saving([step(f"look{n}/1", 0, 2) for n in range(3)])
    assert (found, found.saved_ms, found.percent) == (Saving(6000, 2000), 4000, 67)


def test_a_set_a_sub_flow_and_a_wait_for_a_person_are_no_work_of_their_own() -> None:
    steps = [
        step("set/1", 0, 4, "parallel"),
        step("set/1/b0", 0, 2),
        step("set/1/b1", 0, 4, "flow"),
        step("set/1/b1/inner/1", 0, 4),
        step("ask/1", 4, 900, "person"),
        step("mesh/1", 900, 903),
        step("mesh/1/0", 900, 902),
    ]
    assert saving(steps) == Saving(8000, 6000)


def test_a_run_without_steps_saved_nothing() -> None:
    assert saving([]).percent == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), max_size=10))
def test_the_union_is_never_longer_than_the_sum_nor_shorter_than_the_longest(spans: list[tuple[int, int]]) -> None:
    found = saving([step(f"n{n}/1", start, start + length) for n, (start, length) in enumerate(spans)])
    assert found.saved_ms >= 0
    assert found.together_ms >= 1000 * max((length for _start, length in spans), default=0)
