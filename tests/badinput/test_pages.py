"""Every page: its cookies, hostile addresses, and what it says when something breaks (guarantees G45)."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.urls import reverse

from tests.badinput.conftest import said, text_of
from tests.matrix import accounts, pages
from tests.matrix.test_matrix import address_of
from tests.matrix.world import World, take_back, undone

pytestmark = pytest.mark.django_db
ROWS = {**pages.ROWS, **accounts.ROWS}
READABLE = [name for name, row in ROWS.items() if row.get]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    client = world.browser("anonymous")
    with undone():
        client.post("/accounts/login/", accounts.ROWS["account_login"].data(world))
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["samesite"] == "Lax"
        assert client.cookies[name]["path"] == "/"
        assert not client.cookies[name]["domain"]
    assert client.cookies["sessionid"]["httponly"]


PARAMETERS = [
    *("text", "state", "lifecycle", "vendor", "function", "owner", "page", "agent", "since", "batch", "before"),
    *("after", "severity", "kind", "actor", "verb", "object", "until", "gap", "next", "format"),
]
HOSTILE = [
    "\x00",
    "x" * 5_000,
    "-1",
    "9" * 30,
    "1e999~0",
    "<script>alert(1)</script>",
    "0001-01-01",
    "9999-12-31",
    "%s%n",
]


@pytest.mark.parametrize("name", [name for name in READABLE if name in pages.ROWS])
def test_no_question_in_an_address_breaks_a_page(world: World, name: str) -> None:
    address = address_of(name, ROWS[name], world)
    with undone():
        for value in HOSTILE:
            response = world.browser("chief").get(address, dict.fromkeys(PARAMETERS, value))
            assert response.status_code in (200, 302, 422), value
            assert "<script>alert(1)" not in text_of(response)
            take_back()


@pytest.mark.parametrize(
    "path", ["agents/<>/", "agents/%00/", "runs/1/", "exceptions/%2e%2e/", "join/%00/", "x" * 4000]
)
def test_an_address_that_leads_nowhere_says_so(world: World, path: str) -> None:
    for htmx in (False, True):
        response = world.browser("chief", htmx=htmx).get(f"/{path}")
        assert response.status_code in (404, 422)
        said(response)


@contextmanager
def _broken_database() -> Iterator[None]:
    """Whatever a view asks fails; who is signed in is still known."""

    def refuse(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if any(table in sql for table in ('FROM "django_session"', 'FROM "people_user"', 'FROM "people_team"')):
            return execute(sql, params, many, context)
        raise ProgrammingError('column "secret" of /var/lib/plumbing does not exist')

    with connection.execute_wrapper(refuse):
        yield


@contextmanager
def _logged() -> Iterator[list[dict[str, Any]]]:
    """The lines of the log, as production writes them."""
    handler = next(h for h in logging.getLogger().handlers if getattr(h.formatter, "processors", None))
    assert isinstance(handler, logging.StreamHandler)
    out, lines = io.StringIO(), list[dict[str, Any]]()
    before = handler.setStream(out)
    try:
        yield lines
    finally:
        handler.setStream(before)
        lines += [json.loads(line) for line in out.getvalue().splitlines()]


BREAKING = [
    *(name for name in pages.ROWS if ROWS[name].get),
    "account_login",
    "account_change_password",
    "mfa_index",
]


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_inside_stays_inside_and_is_in_the_log(world: World, name: str, htmx: bool) -> None:
    address = address_of(name, ROWS[name], world)
    role = "anonymous" if name in ("account_login", "join") else "chief"
    with _logged() as lines, undone(), _broken_database():
        if name == "account_login":
            response = world.browser(role, htmx=htmx).post(address, ROWS[name].data(world))
        else:
            response = world.browser(role, htmx=htmx).get(address)
    text = said(response)
    assert response.status_code == 500
    for inner in ("Traceback", "secret", "/var/lib", "SELECT", "ProgrammingError"):
        assert inner not in text
    mine = [line for line in lines if line.get("request_id") == response["X-Request-Id"]]
    assert any("plumbing" in line.get("exception", "") for line in mine)


def test_a_forged_host_gets_no_page_of_ours(world: World) -> None:
    for forged in ("evil.example", "127.0.0.1@evil.example", "testserver.evil.example", "testserver:80:80"):
        response = world.browser("chief").get("/", headers={"Host": forged})
        assert response.status_code == 400
        assert "evil" not in said(response)


def test_a_forwarded_host_is_not_believed(world: World) -> None:
    data = pages.ROWS["invite"].data(world)
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    with undone():
        response = world.browser("chief").post(reverse("invite"), data, headers=headers)
    assert "http://testserver/join/" in text_of(response)
    assert "evil" not in text_of(response)
