"""What a peer's process does: it runs what it is asked for and answers with the seconds that took."""

import json
import statistics
import sys
import time
from collections.abc import Callable

STEPS, WARM = 10, 5


def serve(run: Callable[[], object], run_many: Callable[[int], object]) -> None:
    """Answer lines `one N` (the median of N runs, one after another) and `many N` (N at once) until there are none."""
    for _ in range(WARM):
        run()
    run_many(WARM)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        what, count = line.split()
        seconds = _timed(lambda: run_many(int(count))) if what == "many" else _median(run, int(count))  # noqa: B023
        sys.stdout.write(json.dumps(seconds) + "\n")
        sys.stdout.flush()


def _median(run: Callable[[], object], count: int) -> float:
    return statistics.median(_timed(run) for _ in range(count))


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
