"""The shop on τ²-bench's retail tasks: a model that makes each task's calls, a person who confirms every change.

A task holds when every record of the shop, and every refusal, is as in the benchmark's own environment.
"""

from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row
from tests.flows.shop import DATA, carried_out, read


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Skipped with a word where the tasks are not at hand."""
    if not DATA.is_dir():
        return [Row("retail tasks that end as they should", "the tasks are not on this machine")]
    tasks = read("tasks.json")[: 3 if quick else None]
    [agent] = make_agents(make_team(), 1, steps=1)
    owner = agent.owners.get(role="primary").user
    held = carried_out(agent, owner, tasks)
    missed = ", ".join(task for task, well in held.items() if not well)
    said = f"{sum(held.values())} of {len(tasks)}" + (f", missed: {missed}" if missed else "")
    return [Row("retail tasks that end as they should", said, goal=f"all {len(tasks)}", met=not missed)]
