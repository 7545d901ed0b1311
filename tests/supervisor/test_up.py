"""`manage.py up` as a person meets it: a whole console in a folder of its own, killed and stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from console.supervisor import ports, state

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
COMMAND = (sys.executable, "manage.py", "up")
READY = "Ctrl-C stops everything."
STOP_SECONDS = 90.0
"""Six at rest (`make bench`); here other tests hold the processors."""
ALL = {"PostgreSQL", "Valkey", "rehearsal", "web", "urgent", "bulk", "beat", "supervisor"}


class Console:
    """One `up`, its output, and the state it writes."""

    def __init__(self) -> None:
        unset = {*state.ENVIRONMENT, "DATABASE_ROLE", "DJANGO_SETTINGS_MODULE"}
        kept = {name: value for name, value in os.environ.items() if name not in unset}
        self.busy = socket.create_server((ports.LOOPBACK, 0))
        self.env = kept | {"DEMO": "0", "PORT": str(self.busy.getsockname()[1])}
        self.said: list[str] = []

    def start(self) -> None:
        self.process = subprocess.Popen(
            COMMAND, cwd=state.ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.read_until(READY)

    def read_until(self, text: str) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if text in line:
                return line
        raise AssertionError("".join(self.said))

    def again(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(COMMAND, cwd=state.ROOT, env=self.env, capture_output=True, text=True, check=False)

    def kill(self) -> None:
        """End the supervisor as the system would; its children follow."""
        self.process.kill()
        self.process.communicate()

    def pids(self) -> dict[str, int]:
        return dict(state.read().get("pids", {}))

    def stop(self, how: signal.Signals) -> float:
        """Seconds from the signal to the end."""
        begun = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(120)
        return time.monotonic() - begun


@pytest.fixture
def console(local: Path) -> Iterator[Console]:
    console = Console()
    try:
        console.start()
        yield console
    finally:
        console.kill()
        console.busy.close()
        wait_until_gone(console.pids())
        shutil.rmtree(state.read()["data_dir"])


def wait_until_gone(pids: dict[str, int]) -> None:
    deadline = time.monotonic() + 60
    while left := [name for name, pid in pids.items() if alive(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_console_starts_heals_outlives_a_kill_with_every_row_and_stops(console: Console) -> None:
    """One console from beginning to end: each start takes the machine many seconds."""
    assert f"Port {console.env['PORT']} is busy; taking {state.read()['port']}.\n" in console.said
    with urllib.request.urlopen(f"{state.read()['url']}/healthz", timeout=60) as answer:
        assert answer.status == 200
    first = console.pids()
    assert set(first) == ALL

    refused = console.again()
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert f"already runs from this folder, at {state.read()['url']}" in refused.stderr

    os.kill(first["bulk"], signal.SIGKILL)
    assert console.read_until("bulk ended") == "bulk ended (signal 9); starting it again.\n"
    console.read_until("bulk started again")

    with psycopg.connect(state.read()["database_owner_url"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 500) AS row")
    before = console.pids()

    for pid in before.values():
        with suppress(ProcessLookupError):  # the children follow the supervisor by themselves
            os.kill(pid, signal.SIGKILL)
    console.kill()
    wait_until_gone(before)
    console.start()

    with psycopg.connect(state.read()["database_owner_url"]) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (500,)

    again = console.pids()
    assert console.stop(signal.SIGINT) <= STOP_SECONDS
    assert console.process.returncode == 0
    wait_until_gone(again)
    assert console.pids() == {}
