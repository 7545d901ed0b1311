"""τ²-bench's retail tasks: the shop's records end as the benchmark's own do, refusals included."""

import pytest

from agents.flows.actions import equip
from tests.cast import Cast
from tests.flows.shop import carried_out, read

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not read("tasks.json"), reason="the benchmark's files are not on this machine"),
]


@pytest.mark.usefixtures("use_rehearsal")
def test_every_task_of_the_benchmark_leaves_the_records_that_it_should(cast: Cast) -> None:
    equip(cast.agent, actor=cast.owner)
    tasks = read("tasks.json")
    held = carried_out(cast.agent, cast.owner, tasks)
    assert [task for task in held if not held[task]] == []
    assert len(held) == len(tasks)
