"""Branches at once: how many, and what is raised where several things went wrong."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agents.engine import Journal, MemoryJournal, Question, Stopped, Waiting
from agents.engine import parallel as module
from agents.engine.outcome import Interrupted
from agents.engine.parallel import MAX_AT_ONCE, fan_out
from agents.engine.questions import UNKNOWN

DEFECT = LookupError("nobody thought of this")
UNCLEAR = Interrupted(Waiting(Question(UNKNOWN, "Did it take effect?")))
STOP = Interrupted(Stopped("retry", 15.0))
ASKS = Interrupted(Waiting(Question("question", "Which one?")))
URGENT_FIRST = (SystemExit(1), UNCLEAR, DEFECT, STOP, ASKS)


@pytest.mark.parametrize("first", range(len(URGENT_FIRST)), ids=["death", "unclear", "defect", "stop", "question"])
def test_of_what_went_wrong_the_most_urgent_is_raised_whichever_branch_it_was(first: int) -> None:
    left = URGENT_FIRST[first:]

    def failing(error: BaseException) -> Any:
        def job(journal: Journal) -> None:
            raise error

        return job

    with pytest.raises(BaseException) as raised:
        fan_out(MemoryJournal(), [failing(error) for error in reversed(left)])
    assert raised.value is left[0]


def test_no_more_than_so_many_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, max_workers: int) -> None:
            asked.append(max_workers)
            super().__init__(max_workers)

    monkeypatch.setattr(module, "ThreadPoolExecutor", Pool)
    for jobs in (2, MAX_AT_ONCE + 1):
        assert fan_out(MemoryJournal(), [lambda journal: "done"] * jobs) == ["done"] * jobs
    assert asked == [2, MAX_AT_ONCE]
