"""DBOS: a workflow of ten steps that do nothing, its state in PostgreSQL."""

import os

from dbos import DBOS
from serving import STEPS, serve

DBOS(config={"name": "bench", "system_database_url": os.environ["PEER_DSN"], "log_level": "WARNING"})


@DBOS.step()
def step(number: int) -> int:
    return number + 1


@DBOS.workflow()
def workflow() -> int:
    number = 0
    for _ in range(STEPS):
        number = step(number)
    return number


def run() -> None:
    assert workflow() == STEPS


def run_many(count: int) -> None:
    handles = [DBOS.start_workflow(workflow) for _ in range(count)]
    assert [handle.get_result() for handle in handles] == [STEPS] * count


if __name__ == "__main__":
    DBOS.launch()
    serve(run, run_many)
