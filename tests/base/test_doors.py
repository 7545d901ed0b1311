"""One door each: nobody else opens connections, renders what others wrote, or keeps secrets in clear."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

DOOR = "agents/base/http/"
# A process of its own, which is called and never calls; the launcher, which looks for free ports on loopback.
APART = ("agents/rehearsal/", "console/supervisor/")
OUTBOUND = {
    "aiohttp",
    "asyncio.open_connection",
    "ftplib",
    "http.client",
    "httpcore2",
    "httpx",
    "httpx2",
    "requests",
    "smtplib",
    "socket",
    "urllib.request",
    "urllib3",
    "websockets",
}


@dataclass(frozen=True)
class Source:
    """What the doors ask of a file; its tree, if kept, would be gone through at each collection of garbage."""

    path: str
    imports: frozenset[str]
    unchecked: bool


@cache
def sources() -> list[Source]:
    folders = ("agents", "audit", "campaigns", "console")
    return [_read(path) for folder in folders for path in sorted((settings.BASE_DIR / folder).rglob("*.py"))]


def _read(path: Path) -> Source:
    tree = ast.parse(path.read_text())
    return Source(str(path.relative_to(settings.BASE_DIR)), frozenset(imported(tree)), switches_off(tree))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def switches_off(tree: ast.Module) -> bool:
    """Whether TLS is told anywhere to take any certificate."""
    return any(
        isinstance(node, ast.keyword)
        and node.arg in {"verify", "ssl", "verify_ssl"}
        and isinstance(node.value, ast.Constant)
        and node.value.value is False
        for node in ast.walk(tree)
    )


def ways_out(imports: Iterable[str]) -> set[str]:
    return {name for name in imports for way in OUTBOUND if name == way or name.startswith(f"{way}.")}


def test_only_the_http_door_imports_what_opens_connections() -> None:
    found = {
        source.path: ways_out(source.imports) for source in sources() if not source.path.startswith((DOOR, *APART))
    }
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "import urllib.request",
        "from urllib import request",
        "from http import client",
        "import httpx2 as h",
    ],
)
def test_the_lint_sees_every_way_to_import(line: str) -> None:
    assert ways_out(imported(ast.parse(line)))


def test_only_the_renderer_marks_what_others_wrote_as_safe() -> None:
    users = {source.path for source in sources() if {"nh3", "markdown_it"} & source.imports}
    assert users == {"agents/base/untrusted.py"}


def test_tls_verification_is_nowhere_switched_off() -> None:
    assert switches_off(ast.parse("get(url, verify=False)"))
    assert [source.path for source in sources() if source.unchecked] == []
