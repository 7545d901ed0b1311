"""LangGraph: a graph of ten nodes that do nothing, each checkpoint written before the next node begins.

One after another with the blocking saver; many at once with the asynchronous one and sixteen connections, its fastest.
"""

import asyncio
import os
import uuid
from itertools import pairwise
from typing import Any, TypedDict

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from serving import STEPS, serve

DSN = os.environ["PEER_DSN"]
CONNECTIONS = 16
OPTIONS: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}


class State(TypedDict):
    number: int


def step(state: State) -> State:
    return {"number": state["number"] + 1}


async def async_step(state: State) -> State:
    return step(state)


def graph(node: Any) -> StateGraph:
    made = StateGraph(State)
    names = [f"step-{number}" for number in range(STEPS)]
    for name in names:
        made.add_node(name, node)
    for source, target in pairwise([START, *names, END]):
        made.add_edge(source, target)
    return made


def thread() -> dict[str, Any]:
    return {"configurable": {"thread_id": str(uuid.uuid4())}}


async def opened() -> Any:
    pool = AsyncConnectionPool(DSN, min_size=CONNECTIONS, max_size=CONNECTIONS, kwargs=OPTIONS, open=False)
    await pool.open(wait=True)
    return graph(async_step).compile(checkpointer=AsyncPostgresSaver(pool))


async def gathered(app: Any, count: int) -> None:
    ended = await asyncio.gather(*(app.ainvoke({"number": 0}, thread(), durability="sync") for _ in range(count)))
    assert ended == [{"number": STEPS}] * count


def main() -> None:
    with PostgresSaver.from_conn_string(DSN) as saver, asyncio.Runner() as runner:
        saver.setup()
        one, many = graph(step).compile(checkpointer=saver), runner.run(opened())

        def run() -> None:
            assert one.invoke({"number": 0}, thread(), durability="sync") == {"number": STEPS}

        serve(run, lambda count: runner.run(gathered(many, count)))


if __name__ == "__main__":
    main()
