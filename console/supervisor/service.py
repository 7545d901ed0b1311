"""Services under watch: a dead one is started again, ever more slowly, and all stop together."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from console.supervisor.processes import end_group

LONGEST_DELAY = 30.0
LIVED_LONG = 60.0
POLL = 0.1


@dataclass
class Service:
    """A named process that `launch` starts and `stop_signal` ends in good order."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals = signal.SIGTERM
    started: float = 0.0
    delay: float = 0.0
    due: float | None = None

    def watch(self, now: float) -> str | None:
        """Look at it once; the sentence to print when it died or was started again.

        `now` is monotonic seconds. It waits 0, 1, 2, 4 … 30 s between starts; a minute of life forgives the past.
        """
        if self.due is not None:
            return self._restart(now) if now >= self.due else None
        if (status := self.process.poll()) is None:
            return None
        end_group(self.process)
        self.delay = 0.0 if now - self.started > LIVED_LONG else self.delay
        self.due = now + self.delay
        return f"{self.name} ended ({described(status)}); starting it again{self._in_how_long()}."

    def _restart(self, now: float) -> str:
        self.process = self.launch()
        self.started, self.due = now, None
        self.delay = min(max(1.0, self.delay * 2), LONGEST_DELAY)
        return f"{self.name} started again (process {self.process.pid})."

    def _in_how_long(self) -> str:
        return f" in {self.delay:.0f} s" if self.delay else ""


def described(status: int) -> str:
    """An exit status in words."""
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def stop_all(services: Iterable[Service], seconds: float) -> None:
    """Ask all to end, wait together, kill whatever is left after `seconds`."""
    running = list(services)
    for service in running:
        if service.process.poll() is None:
            service.process.send_signal(service.stop_signal)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(service.process.poll() is None for service in running):
        time.sleep(0.02)
    for service in running:
        end_group(service.process)
        service.process.wait()
