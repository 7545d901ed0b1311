"""What took the time: the critical path of a run, and its steps on one time line."""

from collections import defaultdict
from collections.abc import Sequence

from agents.runs.models import Step


def critical_keys(steps: Sequence[Step]) -> frozenset[str]:
    """Keys of the steps without which the run would have ended earlier.

    Steps in a row all count; of branches that ran at once only the one that ended last, with what is inside it.
    """
    sets: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        parent, _, last = step.key.rpartition("/")
        if step.branch and last == step.branch:
            sets[parent].append(step)
    off = tuple(
        f"{step.key}/"
        for branches in sets.values()
        for step in branches
        if step is not max(branches, key=lambda branch: branch.latency_ms)
    )
    return frozenset(step.key for step in steps if not f"{step.key}/".startswith(off))
