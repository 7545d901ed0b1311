"""The processes of one `up`: started with one environment, waited for, watched, stopped in order."""

import os
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from console.supervisor import commands, state
from console.supervisor.processes import ServiceFailed, last_words, spawn
from console.supervisor.service import POLL, Service, stop_all
from console.supervisor.terminal import say, step

START_SECONDS = 60.0
CONSOLE_STOP_SECONDS = 3.5
ALL_STOP_SECONDS = 5.2


class Children:
    """Stores first in, last out; the console's own processes write to `logs` and get `env`."""

    def __init__(self, env: dict[str, str], logs: Path) -> None:
        self.env, self.logs = env, logs
        self.stores: list[Service] = []
        self.console: dict[str, Service] = {}

    def log(self, name: str) -> Path:
        """The file a process writes to."""
        return self.logs / f"{name}.log"

    def launch(self, name: str, command: tuple[str, ...]) -> None:
        """Start a process of the console without waiting for it."""
        launch = partial(spawn, command, self.log(name), self.env, cwd=state.ROOT)
        self.console[name] = Service(name, launch, launch(), started=time.monotonic())

    def await_line(self, name: str, marker: str, detail: str) -> None:
        """Wait until the process writes `marker`, then print its line; raise ServiceFailed."""
        self.await_ready(name, lambda: marker in self.log(name).read_text(), detail)

    def await_ready(self, name: str, ready: Callable[[], bool], detail: str) -> None:
        """Wait until `ready`, then print the line of the process; raise ServiceFailed when it ends or takes long."""
        service = self.console[name]
        with step(name, service.started) as details:
            while not ready():
                if service.process.poll() is not None or time.monotonic() > service.started + START_SECONDS:
                    raise ServiceFailed(f"{name} does not start ({self.log(name)}): {last_words(self.log(name))}")
                time.sleep(POLL)
            details.append(detail)

    def begin(self, *arguments: str, **extra: str) -> subprocess.Popen[bytes]:
        """Start a command of manage.py without Django's checks, with `extra` in its environment."""
        return spawn(
            commands.manage(*arguments, "--skip-checks"), self.log(arguments[0]), self.env | extra, cwd=state.ROOT
        )

    def finish(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Wait for a command of manage.py; raise ServiceFailed when it fails."""
        if process.wait():
            raise ServiceFailed(f"`manage.py {name}` failed ({self.log(name)}): {last_words(self.log(name))}")

    def manage(self, *arguments: str) -> None:
        """Run a command of manage.py; raise ServiceFailed when it fails."""
        self.finish(arguments[0], self.begin(*arguments))

    def watch(self) -> None:
        """Look at every process for ever, starting again what died."""
        while True:
            said = [line for service in self._all() if (line := service.watch(time.monotonic()))]
            for line in said:
                say(line)
            if said:
                self.write_down()
            time.sleep(POLL)

    def write_down(self) -> None:
        """Put every process id into the state."""
        running = {service.name: service.process.pid for service in self._all()}
        state.update(pids=running | {"supervisor": os.getpid()})

    def stop(self) -> None:
        """Stop the console, then, in the time that is left, the stores it writes to."""
        deadline = time.monotonic() + ALL_STOP_SECONDS
        stop_all(self.console.values(), CONSOLE_STOP_SECONDS)
        stop_all(self.stores, deadline - time.monotonic())
        state.update(pids={})

    def _all(self) -> list[Service]:
        return [*self.stores, *self.console.values()]
