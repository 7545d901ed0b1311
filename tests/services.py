"""Throw-away PostgreSQL and Valkey for one test session; loaded by `-p tests.services`, before Django's settings.

With DATABASE_URL given by a person it starts nothing.
"""

import base64
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

from console.supervisor import postgres
from console.supervisor.postgres import Postgres
from console.supervisor.valkey import Valkey

PREFIX = "rollcall-tests-"
OURS = "ROLLCALL_TEST_SERVICES"
SESSION: list["Services"] = []


class Services:
    """Both servers in a folder of their own, named in `os.environ` while they run."""

    def __init__(self) -> None:
        _sweep()
        self.home = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.home.chmod(0o711)
        self.lock = (self.home / "lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        os.environ["ROLLCALL_LOCAL"] = str(self.home / "local")
        self.postgres = Postgres(self.home, self.home / "postgres.log", settings=postgres.THROW_AWAY)
        self.valkey = Valkey(
            self.home,
            self.home / "valkey.log",
            secrets.token_urlsafe(12),
            durable=False,
        )

    def start(self) -> None:
        """Start both and point the environment at them."""
        owner, app = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.postgres.start()
        self.postgres.prepare(owner, app)
        self.valkey.start()
        os.environ.update(
            DATABASE_URL=self.postgres.url(postgres.APP, app),
            DATABASE_OWNER_URL=self.postgres.url(postgres.OWNER, owner),
            REDIS_URL=self.valkey.url,
            SECRET_KEY=secrets.token_urlsafe(32),
            ENCRYPTION_KEYS="test:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        )

    def stop(self) -> None:
        """Stop both and leave nothing behind."""
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.home)
        self.lock.close()


def _sweep() -> None:
    """Remove the folders of sessions that were killed; a living one holds its lock."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/lock"):
        with lock.open() as file, suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent)


def _worker_of_ours() -> bool:
    """Each xdist worker has servers of its own: an open transaction of one would hold up what the other seals."""
    return bool(os.environ.get("PYTEST_XDIST_WORKER") and os.environ.get(OURS))


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """Start before pytest-django reads the settings; when those fail, there is no session to end later."""
    if not os.environ.get("DATABASE_URL") or _worker_of_ours():
        os.environ[OURS] = "1"
        SESSION.append(Services())
        SESSION[0].start()
    try:
        return (yield)
    except BaseException:
        pytest_unconfigure()
        raise


@pytest.hookimpl(tryfirst=True)  # others raise what they collected here
def pytest_unconfigure() -> None:
    """Stop what this process started."""
    while SESSION:
        SESSION.pop().stop()
