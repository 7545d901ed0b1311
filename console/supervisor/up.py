"""`manage.py up`: the stores, the migrations, the demo, the processes; then watch until Ctrl-C and stop all.

Exit status: 0 stopped as asked, 1 a service did not start, 2 what was given cannot work.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import psycopg

from console.supervisor import assets, commands, environment, home, ports, state
from console.supervisor.given import Refused
from console.supervisor.processes import ServiceFailed, last_line, spawn
from console.supervisor.service import POLL, Service, stop_all
from console.supervisor.terminal import say, say_logins, step

PROCESSES_STOP_SECONDS = 3.5
STORES_STOP_SECONDS = 1.5
START_SECONDS = 60.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Somebody asked us to end."""


def main() -> int:
    """Run until told to stop; the exit status."""
    try:
        with _only_one():
            return Supervisor().run()
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    except ServiceFailed as error:
        print(error, file=sys.stderr)
        return 1


class Supervisor:
    """One run of `up` in this checkout."""

    def __init__(self) -> None:
        self.local, self.data = state.directory(), home.data_folder()
        self.logs = self.local / "log"
        self.env = os.environ | {"PYTHONUNBUFFERED": "1", "REMAP_SIGTERM": "SIGQUIT"}
        self.port = environment.wanted_port(self.env)
        self.stores: list[Service] = []
        self.processes: dict[str, Service] = {}

    def run(self) -> int:
        """Start, announce, watch; whatever happens, stop what was started."""
        for number in SIGNALS:
            signal.signal(number, _raise_stop)
        try:
            self._start()
            self._watch()
        except Stop:
            say("\nStopping.")
        finally:
            self._stop()
        return 0

    def _start(self) -> None:
        _rotate(self.logs)
        state.update(data_dir=str(self.data))
        kept = home.kept_secrets(self.data)
        environment.use_secrets(self.env, kept)
        self._start_stores(kept)
        if environment.demo_wanted(self.env) or not environment.has_model(self.env):
            self._start_rehearsal()
        environment.remember(self.env)
        self._prepare()
        self._start_console()

    def _start_stores(self, kept: dict[str, str]) -> None:
        with step("PostgreSQL") as details:
            database = environment.use_database(self.env, self.data, self._log("postgres"), kept)
            details.append(f"{ports.LOOPBACK}:{database.port}, data in {self.data}" if database else "as given")
        if database and database.process:
            self.stores.append(Service("PostgreSQL", database.launch, database.process, signal.SIGINT))
        with step("Valkey") as details:
            broker = environment.use_redis(self.env, self.data, self._log("valkey"), kept)
            details.append(f"{ports.LOOPBACK}:{broker.port}" if broker else "as given")
        if broker and broker.process:
            self.stores.append(Service("Valkey", broker.launch, broker.process))

    def _start_rehearsal(self) -> None:
        port = environment.use_rehearsal(self.env)
        self._launch("rehearsal", commands.rehearsal(port))
        self._await("rehearsal", "listening on", f"{ports.LOOPBACK}:{port}, stands in for a model and vendors")

    def _prepare(self) -> None:
        with step("languages") as details:
            details.append(f"{assets.compile_messages()} catalogues compiled")
        begun = time.monotonic()
        migration = self._begin_manage("migrate", "--no-input", "-v0", DATABASE_ROLE="owner")
        with step("pages") as details:
            collected = assets.collect_static(partial(self._manage, "collectstatic", "--no-input", "--clear", "-v0"))
            details.append("static files collected" if collected else "static files unchanged")
        with step("database", begun) as details:
            self._finish_manage("migrate", migration)
            details.append("migrations applied")
        if environment.demo_wanted(self.env) and _is_empty(self.env["DATABASE_URL"]):
            with step("demo") as details:
                self._manage("seed_demo", "--stage", "night")
                details.append("a team and its night")

    def _start_console(self) -> None:
        wanted, self.port = self.port, ports.next_free(self.port)
        if self.port != wanted:
            say(f"Port {wanted} is busy; taking {self.port}.")
        self._launch("web", commands.web(self.port))
        self._launch("urgent", commands.worker("urgent", 1))
        self._launch("bulk", commands.worker("bulk", 2))
        self._launch("beat", commands.beat(self.data))
        self._await_web()
        self._await("urgent", " ready.", "worker for what people wait for")
        self._await("bulk", " ready.", "worker for everything else")
        self._await("beat", "beat: Starting", "housekeeping clock")
        state.update(url=self.url, port=self.port)
        self._remember_processes()
        say_logins(self.url, state.read().get("logins", {}))

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    def _launch(self, name: str, command: tuple[str, ...]) -> None:
        launch = partial(spawn, command, self._log(name), self.env, cwd=state.ROOT)
        self.processes[name] = Service(name, launch, launch(), started=time.monotonic())

    def _manage(self, *arguments: str) -> None:
        self._finish_manage(arguments[0], self._begin_manage(*arguments))

    def _begin_manage(self, *arguments: str, **extra: str) -> subprocess.Popen[bytes]:
        return spawn(commands.manage(*arguments), self._log(arguments[0]), self.env | extra, cwd=state.ROOT)

    def _finish_manage(self, command: str, process: subprocess.Popen[bytes]) -> None:
        if process.wait():
            raise ServiceFailed(f"`manage.py {command}` failed ({self._log(command)}): {last_line(self._log(command))}")

    def _await(self, name: str, marker: str, detail: str) -> None:
        """Wait until the process writes that it is ready."""
        with step(name, self.processes[name].started) as details:
            self._wait(name, lambda: marker in self._log(name).read_text())
            details.append(detail)

    def _await_web(self) -> None:
        with step("web", self.processes["web"].started) as details:
            self._wait("web", lambda: _answers(f"{self.url}/healthz"))
            details.append(self.url)

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        process, deadline = self.processes[name].process, time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if ready():
                return
            time.sleep(POLL)
        log = self._log(name)
        raise ServiceFailed(f"{name} does not start ({log}): {last_line(log)}")

    def _watch(self) -> None:
        while True:
            said = [service.watch(time.monotonic()) for service in (*self.stores, *self.processes.values())]
            for line in filter(None, said):
                say(line)
            if any(said):
                self._remember_processes()
            time.sleep(POLL)

    def _stop(self) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        stop_all(self.processes.values(), PROCESSES_STOP_SECONDS)
        stop_all(self.stores, STORES_STOP_SECONDS)
        state.update(pids={})

    def _remember_processes(self) -> None:
        running = {service.name: service.process.pid for service in (*self.stores, *self.processes.values())}
        state.update(pids=running | {"supervisor": os.getpid()})

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


@contextmanager
def _only_one() -> Iterator[None]:
    state.directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (state.directory() / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = state.read().get("url", "an address it is about to print")
            raise Refused(f"Rollcall already runs from this folder, at {where}; stop that one first.") from None
        yield


def _rotate(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for log in folder.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def _is_empty(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT FROM people_user LIMIT 1").rowcount == 0


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop
