"""PostgreSQL as a child process: one cluster, two roles, TCP on the loopback address, passwords only.

The packages' own Python API is not used: it changes the modes of the home's folders and trusts every local user.
"""

import os
import secrets
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from console.supervisor import binaries, ports
from console.supervisor.processes import Account, ServiceFailed, end_group, last_words, service_account, spawn, stop

SUPERUSER = "console"
OWNER = "console_owner"
APP = "console_app"
DATABASE = "console"
START_SECONDS = 30.0
# A server killed with its supervisor holds the data folder until the system has collected its last process.
RETRY_SECONDS = 10.0
RETRY_PAUSE = 0.2
BUILTIN_LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
BASE_SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "timezone=UTC", "log_timezone=UTC")
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass
class Postgres:
    """A cluster below `home`, which must be a folder the service account can pass through.

    `settings` are extra `name=value` server settings. `start` raises ServiceFailed.
    """

    home: Path
    log: Path
    port: int = 0
    settings: tuple[str, ...] = ()
    account: Account | None = field(default_factory=service_account)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data directory of the cluster."""
        return self.home / "postgres"

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until it answers."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries.postgres_bin())
        deadline = time.monotonic() + RETRY_SECONDS
        while not self._comes_up():
            if time.monotonic() > deadline:
                raise ServiceFailed(f"PostgreSQL does not start ({self.log}): {last_words(self.log)}")
            time.sleep(RETRY_PAUSE)

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server on its port without waiting for it."""
        settings = (f"port={self.port}", *BASE_SETTINGS, *self.settings)
        options = [part for setting in settings for part in ("-c", setting)]
        command: list[str | Path] = [binaries.postgres_bin() / "postgres", "-D", self.data, *options]
        return spawn(command, self.log, account=self.account, death_signal=signal.SIGQUIT)

    def stop(self, seconds: float = 3.0) -> None:
        """Fast shutdown: clients are cut off, nothing committed is lost."""
        if self.process:
            stop(self.process, signal.SIGINT, seconds)

    def prepare(self, owner_password: str, app_password: str) -> None:
        """Make the two roles and the database where missing, and set both passwords."""
        with self._connect() as connection:
            _set_role(connection, OWNER, sql.SQL("LOGIN CREATEDB"), owner_password)
            _set_role(connection, APP, sql.SQL("LOGIN"), app_password)
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP), sql.Identifier(OWNER)))
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))

    def url(self, role: str, password: str) -> str:
        """The address of the console's database for `role`."""
        return f"postgresql://{role}:{password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def _password_file(self) -> Path:
        return self.home / "postgres.password"

    def _initialise(self, programs: Path) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._password_file.write_text(secrets.token_urlsafe(24))
        self._password_file.chmod(0o600)
        if self.account:
            os.chown(self.data, self.account.uid, self.account.gid)
            os.chown(self._password_file, self.account.uid, self.account.gid)
        locale = BUILTIN_LOCALE if binaries.major_version(programs) >= 17 else ("--locale=C",)
        options = (
            "-U",
            SUPERUSER,
            f"--pwfile={self._password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
        )
        command: list[str | Path] = [
            programs / "initdb",
            "-D",
            self.data,
            *options,
            *locale,
            "--no-sync",
        ]
        if spawn(command, self.log, account=self.account).wait():
            raise ServiceFailed(f"PostgreSQL cannot make its data folder ({self.log}): {last_words(self.log)}")

    def _comes_up(self) -> bool:
        self.port = ports.any_free(self.port)
        self.process = self.launch()
        if self._answers():
            return True
        end_group(self.process)
        return False

    def _answers(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=ports.LOOPBACK,
            port=self.port,
            user=SUPERUSER,
            password=self._password_file.read_text(),
            dbname="postgres",
            connect_timeout=2,
            autocommit=True,
        )


def _set_role(connection: psycopg.Connection, name: str, options: sql.SQL, password: str) -> None:
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount
    verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
    parts = (
        verb,
        sql.Identifier(name),
        options,
        sql.SQL("PASSWORD"),
        sql.Literal(password),
    )
    connection.execute(sql.SQL(" ").join(parts))
