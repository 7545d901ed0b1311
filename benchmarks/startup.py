"""From a fresh clone and an empty home to the first page, and to the next one after Ctrl-C."""

import os
import signal
import subprocess
import time
import urllib.request
from dataclasses import dataclass

from benchmarks.clone import Clone, clone
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from console.supervisor.ports import LOOPBACK, any_free

DEADLINE = 300.0
SIGN_IN = b'name="login"'


@dataclass(frozen=True)
class Visit:
    """Seconds of one clone's life."""

    first: float
    stop: float
    again: float


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """The page must be the sign-in page, and Ctrl-C must end everything with status 0."""
    visits = [_visit(stand) for _ in range(1 if quick else 3)]
    return [
        at_most("from a fresh clone to the sign-in page", spread([one.first for one in visits], "s"), 30),
        at_most("Ctrl-C stops everything", spread([one.stop for one in visits], "s"), 6),
        at_most("again, to the sign-in page", spread([one.again for one in visits], "s"), 8),
    ]


def _visit(stand: Stand) -> Visit:
    with clone(stand) as checkout:
        first, process = _up(checkout)
        stop = _interrupt(process)
        again, process = _up(checkout)
        _interrupt(process)
    return Visit(first, stop, again)


def _up(checkout: Clone) -> tuple[float, subprocess.Popen[bytes]]:
    """Seconds from the command to the sign-in page, and what is running."""
    port = any_free()
    begun = time.monotonic()
    process = checkout.make("up", PORT=str(port))
    while not _is_served(port):
        if process.poll() is not None or time.monotonic() > begun + DEADLINE:
            raise TimeoutError(f"No page from `make up`:\n{checkout.log.read_text()[-2000:]}")
        time.sleep(0.05)
    return time.monotonic() - begun, process


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
