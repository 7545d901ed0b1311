"""Valkey as a child process: TCP on the loopback address, a password, an append-only file."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from console.supervisor import binaries, ports
from console.supervisor.processes import Account, ServiceFailed, end_group, last_words, service_account, spawn, stop

START_SECONDS = 10.0
ATTEMPTS = 3
SETTINGS = """\
bind {address}
port {port}
requirepass {password}
dir {data}
daemonize no
save ""
appendonly {durable}
"""


@dataclass
class Valkey:
    """A server with its data below `home`. `start` raises ServiceFailed."""

    home: Path
    log: Path
    password: str
    port: int = 0
    durable: bool = True
    account: Account | None = field(default_factory=service_account)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        for _ in range(ATTEMPTS):
            self.port = ports.any_free(self.port)
            self.process = self.launch()
            if self._answers():
                return
            end_group(self.process)
        raise ServiceFailed(f"Valkey does not start ({self.log}): {last_words(self.log)}")

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server on its port without waiting for it."""
        return spawn((binaries.valkey_server(), self._configure()), self.log, account=self.account)

    def stop(self, seconds: float = 3.0) -> None:
        """Let it write its file and end."""
        if self.process:
            stop(self.process, signal.SIGTERM, seconds)

    def _configure(self) -> Path:
        data, file = self.home / "valkey", self.home / "valkey.conf"
        data.mkdir(mode=0o700, exist_ok=True)
        file.touch(mode=0o600)
        durable = "yes" if self.durable else "no"
        file.write_text(
            SETTINGS.format(
                address=ports.LOOPBACK,
                port=self.port,
                password=self.password,
                data=data,
                durable=durable,
            )
        )
        if self.account:
            os.chown(data, self.account.uid, self.account.gid)
            os.chown(file, self.account.uid, self.account.gid)
        return file

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            try:
                return bool(client.ping())
            except redis.RedisError:
                time.sleep(0.01)
        return False
