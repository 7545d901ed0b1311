"""A web process of one's own to kill, on the test database, and a sender that never stops trying."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from console.supervisor import commands
from console.supervisor.ports import LOOPBACK, any_free

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0


@dataclass
class Web:
    """uvicorn as `make up` starts it; it dies where `fault` says, and `serve` starts the next one."""

    home: Path
    port: int = field(default_factory=any_free)
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0

    def serve(self, fault: str = "") -> None:
        """Until it accepts connections."""
        with (self.home / "web.log").open("ab") as log:
            command = commands.web(self.port)
            given = _environment(fault)
            self.process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=log)
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            with closing(HTTPConnection(LOOPBACK, self.port, timeout=60)) as way:
                try:
                    way.request("GET", "/healthz")
                    way.getresponse().read()
                    return
                except OSError:
                    time.sleep(0.05)
        raise AssertionError((self.home / "web.log").read_text()[-3000:])

    def died(self) -> bool:
        """Whether it has; waits a moment, for the connection breaks a little before its process is gone."""
        assert self.process
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            return False
        self.deaths += 1
        return True

    def post(self, path: str, document: Any, headers: dict[str, str]) -> tuple[int, Any] | None:
        """The answer, or None when nobody answered. What is neither object nor bytes is sent in chunks."""
        body = json.dumps(document).encode() if isinstance(document, dict) else document
        with closing(HTTPConnection(LOOPBACK, self.port, timeout=60)) as way:
            try:
                told = {"Content-Type": "application/json", **headers}
                way.request("POST", path, body, told, encode_chunked=not isinstance(body, bytes))
                answer = way.getresponse()
                return answer.status, json.loads(answer.read())
            except (OSError, HTTPException):
                return None

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _environment(fault: str) -> dict[str, str]:
    name = connection.settings_dict["NAME"]
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_", "PYTEST", "COV"))}
    told = {"DJANGO_SETTINGS_MODULE": "tests.chaos.settings", "DATABASE_URL": address, "ROLLCALL_FAULT": fault}
    return kept | told


@contextmanager
def web(home: Path) -> Iterator[Web]:
    one = Web(home)
    try:
        yield one
    finally:
        one.stop()
