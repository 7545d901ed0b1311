"""A throw-away console for one bench run: durable PostgreSQL and Valkey, migrated, and its real workers."""

import base64
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import django
import psycopg

from console.supervisor import commands, postgres, state
from console.supervisor.ports import any_free
from console.supervisor.postgres import Postgres
from console.supervisor.processes import ServiceFailed, last_words, spawn, stop
from console.supervisor.up import PROCESS_ENVIRONMENT
from console.supervisor.valkey import Valkey

Started = TypeVar("Started")
START_SECONDS = 60.0
SETTINGS = "benchmarks.settings"


class Stand:
    """A context manager. Inside, the environment names its services and Django is set up as the application's role.

    Where benches share, which says nothing of what a figure is, what one started serves the next: a process of ours is
    two seconds of work before it does anything.
    """

    def __init__(self, *, shares: bool = False) -> None:
        self.given = dict(os.environ)
        """The environment before the stand put its own into it."""
        self.shares, self.open, self.started = shares, ExitStack(), dict[str, Any]()
        self.home = Path(tempfile.mkdtemp(prefix="rollcall-bench-"))
        self.home.chmod(0o711)
        self.postgres = Postgres(self.home, self.home / "postgres.log", settings=("track_commit_timestamp=on",))
        self.valkey = Valkey(self.home, self.home / "valkey.log", secrets.token_urlsafe(12))

    def __enter__(self) -> "Stand":
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    @contextmanager
    def running(self, command: Sequence[str | Path], marker: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process that has written `marker`; its log is its own, so that nobody's earlier words are taken for its."""
        with tempfile.NamedTemporaryFile(dir=self.home, suffix=".log") as log:
            process = spawn(command, Path(log.name), os.environ, cwd=state.ROOT)
            try:
                _wait_for(process, Path(log.name), marker)
                yield process
            finally:
                stop(process, signal.SIGTERM, 10)

    def analyze(self) -> None:
        """What autovacuum does in its own time: statistics and visibility for the planner. Only the owner may."""
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def worker(self, queue: str, processes: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """A worker started with the command of `make up`, ready."""
        return self.running(commands.worker(queue, processes), " ready.")

    @contextmanager
    def kept(self, name: str, start: Callable[[], AbstractContextManager[Started]]) -> Iterator[Started]:
        """What `start` starts; where benches share, once, and it ends with the stand."""
        if not self.shares:
            with start() as started:
                yield started
            return
        if name not in self.started:
            self.started[name] = self.open.enter_context(start())
        yield self.started[name]

    def web(self) -> AbstractContextManager[int]:
        """The port of a web process started with the command of `make up`, listening."""
        return self.kept("web", self._web)

    @contextmanager
    def _web(self) -> Iterator[int]:
        port = any_free()
        with self.running(commands.web(port), "Uvicorn running on"):
            yield port

    def _start(self) -> None:
        owner, app = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.postgres.start()
        self.postgres.prepare(owner, app)
        self.valkey.start()
        os.environ.update(
            ROLLCALL_LOCAL=str(self.home / "local"),
            DATABASE_URL=self.postgres.url(postgres.APP, app),
            DATABASE_OWNER_URL=self.postgres.url(postgres.OWNER, owner),
            REDIS_URL=self.valkey.url,
            SECRET_KEY=secrets.token_urlsafe(32),
            ENCRYPTION_KEYS="bench:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            DJANGO_SETTINGS_MODULE=SETTINGS,
            **PROCESS_ENVIRONMENT,
        )
        self._migrate()
        django.setup()

    def _migrate(self) -> None:
        log = self.home / "migrate.log"
        command = commands.manage("migrate", "--no-input", "-v0", "--skip-checks")
        if spawn(command, log, os.environ | {"DATABASE_ROLE": "owner"}, cwd=state.ROOT).wait():
            raise ServiceFailed(f"The migrations failed: {last_words(log)}")

    def _stop(self) -> None:
        self.open.close()
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.home)
        os.environ.clear()
        os.environ.update(self.given)


def _wait_for(process: subprocess.Popen[bytes], log: Path, marker: str) -> None:
    """Until the process writes `marker`. Raises ServiceFailed when it ends or takes long."""
    deadline = time.monotonic() + START_SECONDS
    while marker not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServiceFailed(f"A process does not start: {last_words(log)}")
        time.sleep(0.05)
