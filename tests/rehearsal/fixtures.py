"""A running rehearsal server for any test: import `rehearsal` and `rehearsal_server` into the area's conftest."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from agents.rehearsal.script import State
from agents.rehearsal.server import start


class Rehearsal:
    """The server on a free port, in a thread of its own; used over HTTP like the separate process it stands for."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.runner, self.port = self.loop.run_until_complete(start(State(), "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Drop what is open and end the thread."""
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(60)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and parsed JSON of one request."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def script(self, behaviours: list[Any]) -> None:
        """Queue behaviours for the next completions, or for a vendor with "for"."""
        status, answer = self.request("POST", "/control/script", behaviours)
        assert status == 200, answer

    def calls(self) -> list[dict[str, Any]]:
        """The completion requests since the last reset: path, headers without credentials, body."""
        return list(self.request("GET", "/control/calls")[1]["calls"])

    def effects(self, vendor: str) -> list[dict[str, Any]]:
        """The requests a vendor has recorded: id, key, body, repeated."""
        return list(self.request("GET", f"/vendor/{vendor}/effects")[1]["effects"])

    def reset(self) -> None:
        """Forget scripts, calls and effects."""
        self.request("POST", "/control/reset")


@pytest.fixture(scope="session")
def rehearsal_server() -> Iterator[Rehearsal]:
    """One server for the session."""
    server = Rehearsal()
    yield server
    server.stop()


@pytest.fixture
def rehearsal(rehearsal_server: Rehearsal) -> Rehearsal:
    """The session's server with nothing scripted and nothing remembered; `.url + "/v1"` is the OpenAI base URL."""
    rehearsal_server.reset()
    return rehearsal_server
