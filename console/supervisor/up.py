"""`manage.py up`: the stores, the migrations, the demo, the processes; then watch until Ctrl-C and stop all.

Exit status: 0 stopped as asked, 1 a service did not start, 2 what was given cannot work.
"""

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import psycopg

from console.supervisor import assets, commands, environment, folder, home, ports, schema, state
from console.supervisor.children import Children
from console.supervisor.given import Refused
from console.supervisor.processes import ServiceFailed
from console.supervisor.service import Service
from console.supervisor.terminal import say, say_logins, say_step, step

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Celery's cold shutdown, with a soft time for running tasks: a run is resumed from its last step anyway.
# Containers often forbid byte code; then each of our processes would compile every module again, at every start.
# Django's checks read every page and form: tests do that for each version, not each worker at each start.
PROCESS_ENVIRONMENT = {
    "PYTHONUNBUFFERED": "1",
    "REMAP_SIGTERM": "SIGQUIT",
    "PYTHONDONTWRITEBYTECODE": "",
    "CELERY_SKIP_CHECKS": "1",
}
ONE_ROLE = "One database role does everything: the trail is append-only by trigger, not by role (DATABASE_OWNER_URL)."


class Stop(BaseException):
    """Somebody asked us to end."""


def main() -> int:
    """Run until told to stop; the exit status."""
    try:
        with folder.only_one():
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
        self.env = os.environ | PROCESS_ENVIRONMENT
        self.port = environment.wanted_port(self.env)
        environment.check_given(self.env)
        self.data = home.data_folder()
        self.children = Children(self.env, state.directory() / "log")

    @property
    def url(self) -> str:
        """Where the console is."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    def run(self) -> int:
        """Start, announce, watch; whatever happens, stop what was started."""
        _on_signals(_raise_stop)
        try:
            self._start()
            self._announce()
            self.children.watch()
        except Stop:
            say("\nStopping.")
        finally:
            _on_signals(signal.SIG_IGN)
            self.children.stop()
        return 0

    def _start(self) -> None:
        folder.rotate(self.children.logs)
        state.update(data_dir=str(self.data))
        kept = home.kept_secrets(self.data)
        environment.use_secrets(self.env, kept)
        self._start_database(kept)
        self._start_broker(kept)
        self._launch_rehearsal()
        environment.remember(self.env)
        with self._migrating() as first:
            self._await_rehearsal()
            self._prepare()
            if first:  # nobody is there yet to be shown a page whose tables are not
                self._launch_web()
        self._start_console()

    def _start_database(self, kept: dict[str, str]) -> None:
        with step("PostgreSQL") as details:
            server = environment.use_database(self.env, self.data, self.children.log("postgres"), kept)
            details.append(f"{ports.LOOPBACK}:{server.port}, data in {self.data}" if server else "as given")
        if server and server.process:
            self.children.stores.append(Service("PostgreSQL", server.launch, server.process, signal.SIGINT))
        if environment.has_one_role(self.env):
            say(ONE_ROLE)

    def _start_broker(self, kept: dict[str, str]) -> None:
        with step("Valkey") as details:
            server = environment.use_redis(self.env, self.data, self.children.log("valkey"), kept)
            details.append(f"{ports.LOOPBACK}:{server.port}" if server else "as given")
        if server and server.process:
            self.children.stores.append(Service("Valkey", server.launch, server.process))

    def _launch_rehearsal(self) -> None:
        if environment.demo_wanted(self.env) or not environment.has_model(self.env):
            port = environment.use_rehearsal(self.env)
            self.children.launch("rehearsal", commands.rehearsal(port))

    def _await_rehearsal(self) -> None:
        if "rehearsal" in self.children.console:
            address = self.env["REHEARSAL_URL"].removeprefix("http://")
            self.children.await_line("rehearsal", "listening on", f"{address}, plays a model and vendors")

    def _prepare(self) -> None:
        with step("pages") as details:
            collect = partial(self.children.manage, "collectstatic", "--no-input", "--clear", "-v0")
            details.append("static files collected" if assets.collect_static(collect) else "static files unchanged")
        with step("languages") as details:
            details.append(f"{assets.compile_messages()} catalogues compiled")

    @contextmanager
    def _migrating(self) -> Iterator[bool]:
        """Migrate beside the block, unless the database says that it has every migration; whether it had none."""
        begun, url = time.monotonic(), self.env["DATABASE_URL"]
        if schema.is_current(url):
            say_step("database", "has every migration", begun)
            yield False
            return
        first = schema.is_new(url)
        migration = self.children.begin("migrate", "--no-input", "-v0", DATABASE_ROLE="owner")
        yield first
        with step("database", begun) as details:
            self.children.finish("migrate", migration)
            schema.mark_current(self.env.get("DATABASE_OWNER_URL") or self.env["DATABASE_URL"])
            details.append("migrations applied")

    def _launch_web(self) -> None:
        wanted, self.port = self.port, ports.next_free(self.port)
        if self.port != wanted:
            say(f"Port {wanted} is busy; taking {self.port}.")
        self.children.launch("web", commands.web(self.port))

    def _start_console(self) -> None:
        if "web" not in self.children.console:
            self._launch_web()
        with self._filling() as filling:
            if filling:  # it takes one processor: the page shall have the other
                self._await_web()
            self.children.launch("urgent", commands.worker("urgent", 2))
            self.children.launch("bulk", commands.worker("bulk", 2))
            self.children.launch("beat", commands.beat(self.data))
        if not filling:
            self._await_web()
        self.children.await_line("urgent", " ready.", "worker for what people wait for")
        self.children.await_line("bulk", " ready.", "worker for everything else")
        self.children.await_line("beat", "beat: Starting", "housekeeping clock")

    def _await_web(self) -> None:
        self.children.await_ready("web", self._web_answers, self.url)

    @contextmanager
    def _filling(self) -> Iterator[bool]:
        """An empty database forgets the logins of an earlier one and gets, beside the block, the demo team."""
        if empty := self._is_empty():
            state.update(logins={})
        if not empty or not environment.demo_wanted(self.env):
            yield False
            return
        begun = time.monotonic()
        demo = self.children.begin("seed_demo", "--stage", "morning", "--workers")
        yield True
        with step("demo", begun) as details:
            self.children.finish("seed_demo", demo)
            details.append("a team and its month; workers do its night")

    def _announce(self) -> None:
        state.update(url=self.url, port=self.port)
        self.children.write_down()
        say(f"\nRollcall is at {self.url}")
        if self._is_empty():
            say(f"Set it up at {self.url}/setup/ with the code {self.env['SETUP_CODE']}")
        say_logins(state.read().get("logins", {}))

    def _web_answers(self) -> bool:
        """Whether pages are served; asked only once the port is taken, for a client may connect to itself before."""
        return "running on" in self.children.log("web").read_text() and _answers(f"{self.url}/healthz")

    def _is_empty(self) -> bool:
        """Whether nobody can sign in yet."""
        with psycopg.connect(self.env["DATABASE_URL"]) as connection:
            return connection.execute("SELECT FROM people_user LIMIT 1").rowcount == 0


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except OSError:
        return False
    return True


def _on_signals(handler: signal.Handlers | Callable[[int, FrameType | None], None]) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop
