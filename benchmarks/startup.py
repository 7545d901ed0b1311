"""From a fresh clone and an empty home to the first page, and to the next one after Ctrl-C."""

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.clone import Clone, clone
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from console.supervisor.ports import LOOPBACK, any_free

DEADLINE = 300.0
READY = "Ctrl-C stops everything."
SIGN_IN = b'name="login"'


@dataclass(frozen=True)
class Visit:
    """Seconds of one clone's life; `ready` is when the address and the logins were printed, the demo in its tables."""

    first: float
    ready: float
    stop: float
    again: float


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """The page must be the sign-in page, and Ctrl-C must end everything with status 0."""
    visits = _visits(stand, 1 if quick else 3)
    return [
        at_most("from a fresh clone to the sign-in page", spread([one.first for one in visits], "s"), 30),
        Row("from a fresh clone to the logins, demo built", spread([one.ready for one in visits], "s")),
        at_most("Ctrl-C stops everything", spread([one.stop for one in visits], "s"), 6),
        at_most("again, to the sign-in page", spread([one.again for one in visits], "s"), 8),
    ]


def _visits(stand: Stand, count: int) -> list[Visit]:
    """Clones go only when all were timed: ext4 makes files slowly for minutes after as many were deleted."""
    with ExitStack() as clones:
        return [_visit(clones.enter_context(clone(stand))) for _ in range(count)]


def _visit(checkout: Clone) -> Visit:
    first, ready, process = _up(checkout)
    stop = _interrupt(process)
    again, _, process = _up(checkout)
    _interrupt(process)
    return Visit(first, ready, stop, again)


def _up(checkout: Clone) -> tuple[float, float, subprocess.Popen[bytes]]:
    """Seconds from the command to the sign-in page, seconds to the last line of the start, and what is running."""
    port, written = any_free(), len(_written(checkout))
    begun = time.monotonic()
    process = checkout.make("up", PORT=str(port))
    first = _seconds_until(lambda: _is_served(port), begun, process, checkout)
    ready = _seconds_until(lambda: READY in _written(checkout)[written:], begun, process, checkout)
    return first, ready, process


def _seconds_until(done: Callable[[], bool], begun: float, process: subprocess.Popen[bytes], checkout: Clone) -> float:
    while not done():
        if process.poll() is not None or time.monotonic() > begun + DEADLINE:
            raise TimeoutError(f"No page from `make up`:\n{_written(checkout)[-2000:]}")
        time.sleep(0.05)
    return time.monotonic() - begun


def _written(checkout: Clone) -> str:
    return checkout.log.read_text() if checkout.log.exists() else ""


def _is_served(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/", timeout=5) as answer:
            return answer.status == 200 and SIGN_IN in answer.read()
    except OSError:
        return False


def _interrupt(process: subprocess.Popen[bytes]) -> float:
    """Seconds that Ctrl-C takes; it reaches make and what make started, as at a terminal."""
    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    return time.monotonic() - begun
