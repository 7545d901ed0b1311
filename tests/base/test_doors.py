"""One door each: nobody else opens connections, renders what others wrote, or keeps secrets in clear."""

import ast
from collections.abc import Iterator
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


@cache
def sources() -> list[tuple[str, ast.Module]]:
    folders = ("agents", "audit", "campaigns", "console")
    paths = [path for folder in folders for path in sorted((settings.BASE_DIR / folder).rglob("*.py"))]
    return [(str(path.relative_to(settings.BASE_DIR)), ast.parse(Path(path).read_text())) for path in paths]


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def ways_out(tree: ast.Module) -> set[str]:
    return {name for name in imported(tree) for way in OUTBOUND if name == way or name.startswith(f"{way}.")}


def test_only_the_http_door_imports_what_opens_connections() -> None:
    found = {path: ways_out(tree) for path, tree in sources() if not path.startswith((DOOR, *APART))}
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
    assert ways_out(ast.parse(line))


def test_only_the_renderer_marks_what_others_wrote_as_safe() -> None:
    users = {path for path, tree in sources() if {"nh3", "markdown_it"} & set(imported(tree))}
    assert users == {"agents/base/untrusted.py"}


def test_tls_verification_is_nowhere_switched_off() -> None:
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in {"verify", "ssl", "verify_ssl"}:
                assert not (isinstance(node.value, ast.Constant) and node.value.value is False), path
