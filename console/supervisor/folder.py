"""The folder of one `up`: held by one at a time, with the logs of this start and of the one before."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.supervisor import state
from console.supervisor.given import Refused


@contextmanager
def only_one() -> Iterator[None]:
    """Hold this checkout; raise Refused, saying where it runs, when another `up` holds it. Ends with the process."""
    state.directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state.directory() / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = state.read().get("url", "an address it is about to print")
            raise Refused(f"Rollcall already runs from this folder, at {where}; stop that one first.") from None
        yield


def rotate(logs: Path) -> None:
    """Keep the logs of the last start beside those of this one."""
    logs.mkdir(exist_ok=True)
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))
