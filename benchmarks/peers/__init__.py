"""The engines durable steps are measured against: each in a process of its own, on a database of its own in our server.

They are installed for a bench only, from `benchmarks/peers.lock` into a folder of the user's cache.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from benchmarks.stand import Stand
from tools.bootstrap import PYTHON, digest, sync

HERE = Path(__file__).parent
LOCK = HERE.parent / "peers.lock"
NAMES = {"langgraph": "LangGraph, PostgresSaver, sync", "dbos": "DBOS"}


class NoPeers(Exception):
    """They are not installed, and cannot be now."""


class Peer:
    """One engine that answers how long its runs took."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name, self.process = name, process
        self.step: list[float] = []
        """Milliseconds a step, one run after another: a value a repeat."""
        self.pace: list[float] = []
        """Steps a second of many runs at once: a value a repeat."""

    def repeat(self, runs: int, at_once: int, steps: int) -> None:
        """Measure once more."""
        self.step.append(self._ask("one", runs) * 1000 / steps)
        self.pace.append(at_once * steps / self._ask("many", at_once))

    def _ask(self, what: str, count: int) -> float:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{what} {count}\n")
        self.process.stdin.flush()
        return float(json.loads(self.process.stdout.readline()))


@contextmanager
def peers(stand: Stand) -> Iterator[list[Peer]]:
    """All of them, started and warm. Raises NoPeers."""
    python, started = _python(), []
    try:
        for name, title in NAMES.items():
            started.append(Peer(title, _start(stand, python, name)))
        yield started
    finally:
        for peer in started:
            peer.process.kill()
            peer.process.communicate()


def _python() -> Path:
    """The interpreter of their environment, which is made where there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "rollcall" / f"peers-{digest(LOCK)[:12]}"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        try:
            subprocess.run((PYTHON, "-m", "uv", "venv", "-q", "--clear", folder), check=True)
            sync(python, LOCK)
        except (subprocess.CalledProcessError, SystemExit) as error:
            raise NoPeers("the peers could not be installed from the registry") from error
        ready.touch()
    return python


def _start(stand: Stand, python: Path, name: str) -> subprocess.Popen[str]:
    with (stand.home / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            (python, HERE / f"{name}_steps.py"),
            env={"PATH": os.environ["PATH"], "HOME": str(stand.home), "PEER_DSN": _database(name)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout
    if process.stdout.readline() != "ready\n":
        raise NoPeers(f"{name} does not start: {(stand.home / f'{name}.log').read_text()[-500:]}")
    return process


def _database(name: str) -> str:
    """The address of an empty database of the peer's own."""
    url = os.environ["DATABASE_OWNER_URL"]
    with psycopg.connect(url, autocommit=True) as connection, suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(f"CREATE DATABASE peer_{name}")
    return urlsplit(url)._replace(path=f"/peer_{name}").geturl()
