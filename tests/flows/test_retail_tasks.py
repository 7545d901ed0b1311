"""τ²-bench's retail tasks: the shop's records end as the benchmark's own do, refusals included."""

import pytest

from agents.flows.actions import equip
from agents.flows.retail.store import load_store
from tests.cast import Cast
from tests.flows.shop import carried_out, give_all, read

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not read("tasks.json"), reason="the benchmark's files are not on this machine"),
]


@pytest.mark.usefixtures("use_rehearsal")
def test_every_task_of_the_benchmark_leaves_the_records_that_it_should(cast: Cast) -> None:
    equip(cast.agent, actor=cast.owner)
    load_store(cast.team, read("db.json"))
    give_all(cast.agent, cast.owner)
    assert [task for task, held in carried_out(cast.agent, cast.owner).items() if not held] == []
