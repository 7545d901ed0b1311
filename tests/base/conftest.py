"""Every connection attempt of this process is seen, whoever makes it."""

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest

_attempts: list[tuple[str, int]] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _attempts is not None and isinstance(arguments[1], tuple):
        _attempts.append(arguments[1][:2])
        if not ipaddress.ip_address(arguments[1][0]).is_loopback:
            raise PermissionError("No test may open a connection off the loopback range.")


sys.addaudithook(_watch)


@pytest.fixture
def attempts() -> Iterator[list[tuple[str, int]]]:
    """(address, port) of each connection tried; one off loopback is refused before a packet leaves."""
    global _attempts
    _attempts = []
    yield _attempts
    _attempts = None
