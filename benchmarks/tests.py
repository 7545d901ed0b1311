"""The whole test suite from nothing: a clone without environment, then `make test`. Measured only when asked."""

import time

from benchmarks.clone import clone
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from console.supervisor.processes import last_words

MOST_SECONDS = 300


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """The suite must pass, once. `quick` changes nothing: there is no small whole."""
    with clone(stand) as checkout:
        begun = time.monotonic()
        status = checkout.make("test").wait()
        taken = time.monotonic() - begun
        last = last_words(checkout.log)
    took = at_most("make test, from nothing", spread([taken], "s"), MOST_SECONDS)
    return [took, Row("make test", last, goal="passes", met=status == 0)]
