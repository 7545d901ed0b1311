"""Throw-away PostgreSQL and Valkey for one test session; loaded by `-p tests.services`, before Django's settings.

With DATABASE_URL given by a person it starts nothing.
"""

import base64
import fcntl
import gc
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.test.utils import setup_databases
from psycopg import sql
from pytest_django.plugin import blocking_manager_key

from console.supervisor import postgres
from console.supervisor.postgres import Postgres
from console.supervisor.valkey import Valkey

PREFIX = "rollcall-tests-"
OURS = "ROLLCALL_TEST_SERVICES"
TEMPLATE = "ROLLCALL_TEST_TEMPLATE"
SESSION: list["Services"] = []


class Services:
    """Both servers in a folder of their own, named in `os.environ` while they run."""

    def __init__(self) -> None:
        _sweep()
        self.home = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.home.chmod(0o711)
        self.lock = (self.home / "new").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        (self.home / "new").rename(self.home / "lock")  # whoever sweeps meanwhile finds it held
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
        template = os.environ.get(TEMPLATE)
        if template:
            subprocess.run(["cp", "-a", *Path(template).glob("postgres*"), self.home], check=True)
        self.postgres.start()
        self.postgres.prepare(owner, app)
        if template:
            self._take_over(self.postgres.url(postgres.OWNER, owner))
        self.valkey.start()
        os.environ.update(
            DATABASE_URL=self.postgres.url(postgres.APP, app),
            DATABASE_OWNER_URL=self.postgres.url(postgres.OWNER, owner),
            REDIS_URL=self.valkey.url,
        )
        if not template:  # workers keep the keys they were given: one reads what another encrypted
            os.environ["SECRET_KEY"] = secrets.token_urlsafe(32)
            os.environ["ENCRYPTION_KEYS"] = "test:" + base64.b64encode(secrets.token_bytes(32)).decode()

    def become_template(self) -> None:
        """Make the test database and stop the server: each worker begins with a copy, and none migrates."""
        setup_databases(verbosity=0, interactive=False, serialized_aliases=())
        connections.close_all()
        self.postgres.stop()
        os.environ[TEMPLATE] = str(self.home)

    def _take_over(self, url: str) -> None:
        """Give the copied database the name that pytest-django looks for in this worker."""
        made, wanted = f"test_{postgres.DATABASE}", f"test_{postgres.DATABASE}_{os.environ['PYTEST_XDIST_WORKER']}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (made, wanted))))

    def stop(self) -> None:
        """Stop both and leave nothing behind."""
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.home)
        self.lock.close()


def _sweep() -> None:
    """Remove the folders of sessions that were killed; a living one holds its lock."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/lock"):
        with suppress(BlockingIOError, FileNotFoundError), lock.open() as file:
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
    gc.set_threshold(100_000)  # hardly anything is garbage before all is collected, and looking is half of migrating
    try:
        return (yield)
    except BaseException:
        pytest_unconfigure()
        raise


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Migrate once, before there are workers."""
    if SESSION:
        with config.stash[blocking_manager_key].unblock():
            SESSION[0].become_template()


def pytest_configure(config: pytest.Config) -> None:
    """A worker finds its test database made."""
    if TEMPLATE in os.environ:
        config.option.reuse_db = True


@pytest.hookimpl(tryfirst=True)  # others raise what they collected here
def pytest_unconfigure() -> None:
    """Stop what this process started."""
    while SESSION:
        SESSION.pop().stop()
