"""Workers of one's own to kill: a real Celery on its own Valkey, on the test database."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import redis
from celery import current_app
from django.db import connection

from agents.runs.actions import sweep
from agents.runs.enums import RunState
from agents.runs.models import Run
from agents.runs.wake import wire
from console.supervisor.up import PROCESS_ENVIRONMENT
from console.supervisor.valkey import Valkey
from tests.chaos.flows import Diary

PROCESSES, SWEEP_S = 6, 0.5
ROOT = Path(__file__).resolve().parents[2]
OPTIONS = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]


@dataclass
class Fleet:
    """The worker with its broker and its diary; `tick` is the scheduler's part, played by the test."""

    home: Path
    valkey: Valkey
    diary: Diary
    worker: subprocess.Popen[bytes] | None = None
    stopped: set[int] = field(default_factory=set)

    def start_worker(self, fault: str = "") -> None:
        """One Celery worker with six processes on both queues."""
        command = [sys.executable, "-m", "celery", "-A", "console", "worker", "-Q", "urgent,bulk", *OPTIONS]
        with (self.home / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [*command, f"--concurrency={PROCESSES}"],
                cwd=ROOT,
                env=self._environment(fault),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def tell_worker_to_go(self) -> float:
        """What the supervisor does when the console is stopped; returns the seconds until everybody was gone."""
        assert self.worker
        began = time.monotonic()
        self.worker.send_signal(signal.SIGTERM)
        self.worker.wait(120)
        self.worker = None
        return time.monotonic() - began

    def kill_worker(self) -> None:
        """kill -9, children and all."""
        if self.worker and self.worker.poll() is None:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()

    def _environment(self, fault: str) -> dict[str, str]:
        given = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_", "PYTEST", "COV"))}
        return kept | {
            **PROCESS_ENVIRONMENT,
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "DATABASE_URL": given._replace(path=f"/{name}").geturl(),
            "REDIS_URL": self.valkey.url,
            "CHAOS_DIARY": str(self.diary.file),
            "ROLLCALL_FAULT": fault,
        }

    def until(self, done: Callable[[], bool], seconds: float) -> None:
        """Sweep as the scheduler would, until it is so. Raises AssertionError with the worker's last words.

        `seconds` are those of a machine at rest; one that does other tests too may take as long again, and again.
        """
        begun = swept = time.monotonic()
        while not done():
            now = time.monotonic()
            if now > begun + 4 * seconds:
                raise AssertionError(f"Not within {seconds} s: {states()}\n{self.last_words()}")
            if now > swept + SWEEP_S:  # forty queries: more often, and the workers wait for the processor
                sweep()
                swept = now
            time.sleep(0.1)

    def last_words(self) -> str:
        return (self.home / "worker.log").read_text()[-3000:]

    def kill_broker(self) -> None:
        """kill -9, and a new one at the same address that remembers nothing."""
        assert self.valkey.process
        port = self.valkey.port
        self.valkey.process.kill()
        self.valkey.process.wait()
        self.valkey.start()
        assert self.valkey.port == port

    def flush(self) -> None:
        """The broker forgets everything, its own tables included."""
        client = redis.Redis.from_url(self.valkey.url)
        client.flushall()
        client.close()


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Run.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def all_over() -> bool:
    return not Run.objects.exclude(state__in=[RunState.DONE, RunState.QUARANTINED, RunState.WAITING]).exists()


@contextmanager
def fleet() -> Iterator[Fleet]:
    """A broker and a worker; publications of this process go to the same broker meanwhile."""
    with tempfile.TemporaryDirectory(prefix="rollcall-chaos-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        diary = Diary(home / "diary.jsonl")
        diary.file.touch()
        valkey = Valkey(home, home / "valkey.log", "chaos", durable=False)
        valkey.start()
        one = Fleet(home, valkey, diary)
        before = current_app.conf.broker_url
        current_app.conf.broker_url = valkey.url
        wire.silent_until = 0.0
        try:
            yield one
        finally:
            current_app.conf.broker_url = before
            one.kill_worker()
            valkey.stop()
