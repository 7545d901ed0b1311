"""What workers' deaths cost: nothing. Each row is a test of tests/chaos, which counts calls in a diary of its own.

CHAOS=full in the environment kills at every boundary many times; without it, what `make test` does.
"""

from benchmarks.stand import Stand
from benchmarks.suites import tally
from benchmarks.table import Row


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Every run ended once, no completed step was made again, no late write was taken."""
    asked = ["tests/chaos", "-m", "chaos"]
    if quick:
        asked += ["-k", "poison"]
    found = tally(stand, *asked)
    return [
        Row(_words(name), "holds" if good else "does not hold", goal="holds", met=good)
        for name, good in found.cases.items()
    ]


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")
