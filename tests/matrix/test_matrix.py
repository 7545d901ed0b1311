"""Every address, role and method, plain and by htmx (guarantees G36), and the headers of every answer (G44).

A new address without a row fails here.
"""

import json
from collections.abc import Callable, Iterable, Iterator

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.matrix import accounts, machines, pages
from tests.matrix.access import ROLES, Access, Outcome
from tests.matrix.guarded import guarded
from tests.matrix.rows import Call, Row
from tests.matrix.world import World, outcome, take_back, undone

pytestmark = pytest.mark.django_db
ROWS = {**pages.ROWS, **accounts.ROWS}
# A stream has a test of its own (test_live.py).
ELSEWHERE = {"live-events"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# By htmx only what is drawn differs, not who is asked; allauth knows people, not roles; and a method that is not there
# is not there for the strongest.
ONE_OF_EACH = ("anonymous", "rival", "owner", "manager", "auditor")
STRONGEST = ("anonymous", "chief")
Send = Callable[[Client], HttpResponseBase]


def _names(patterns: Iterable[URLPattern | URLResolver], space: str = "", path: str = "") -> Iterator[str]:
    for pattern in patterns:
        here = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}" if pattern.name else here
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner, here)


def test_every_address_has_a_row_and_every_row_anaddress_of() -> None:
    found = set(_names(get_resolver().url_patterns))
    listed = ROWS.keys() | machines.CALLS.keys() | ELSEWHERE
    assert found - listed == set(), "Addresses without a row in tests/matrix."
    assert listed - found == set(), "Rows without an address."


def address_of(name: str, row: Row | Call, world: World) -> str:
    return f"/{name}" if name.endswith("/") else reverse(name, kwargs=row.kwargs(world))


def _tried(make: Callable[[str], Client], send: Send, roles: Iterable[str] = ROLES) -> dict[str, Outcome | int]:
    found = {}
    with undone():
        for role in roles:
            response = send(make(role))
            assert response.status_code < 500, f"{role} broke it"
            guarded(response)
            found[role] = outcome(response)
            take_back()
    return found


def _differing(found: dict[str, Outcome | int], wanted: Access) -> dict[str, tuple[object, Outcome]]:
    return {role: (got, wanted[role]) for role, got in found.items() if got != wanted[role]}


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.get])
def test_who_may_read_it_reads_it_and_nobody_else(world: World, name: str, htmx: bool) -> None:
    row, address = ROWS[name], address_of(name, ROWS[name], world)
    assert row.get

    def read(client: Client) -> HttpResponseBase:
        signed_in, response = bool(client.cookies), client.get(address)
        assert not signed_in or "no-store" in response["Cache-Control"]
        return response

    roles = ONE_OF_EACH if htmx or name in accounts.ROWS else ROLES
    found = _tried(lambda role: world.browser(role, htmx=htmx), read, roles)
    assert _differing(found, row.get) == {}


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.post])
def test_who_may_send_it_sends_it_and_nobody_else(world: World, name: str, htmx: bool) -> None:
    row, address = ROWS[name], address_of(name, ROWS[name], world)
    assert row.post
    roles = ONE_OF_EACH if htmx or name in accounts.ROWS else ROLES
    found = _tried(
        lambda role: world.browser(role, htmx=htmx), lambda client: client.post(address, row.data(world)), roles
    )
    assert _differing(found, row.post) == {}


@pytest.mark.parametrize("name", list(ROWS))
def test_no_other_method_lets_anybody_through(world: World, name: str) -> None:
    """A method that no form of ours uses reaches no further than the form does."""
    row, address = ROWS[name], address_of(name, ROWS[name], world)
    for method in METHODS:
        allowed = row.get if method == "GET" else row.post
        if allowed and method in ("GET", "POST"):
            continue

        def send(client: Client, method: str = method) -> HttpResponseBase:
            return client.generic(method, address)

        found = _tried(lambda role: world.browser(role, htmx=True), send, STRONGEST)
        through = {role for role, got in found.items() if got == Outcome.THROUGH}
        assert through <= {role for role in ROLES if allowed and allowed[role] == Outcome.THROUGH}, method


@pytest.mark.parametrize("name", list(machines.CALLS))
def test_a_machine_reaches_what_its_person_may(world: World, name: str) -> None:
    call = machines.CALLS[name]
    address = address_of(name, call, world)

    def send(client: Client) -> HttpResponseBase:
        body = json.dumps(call.body(world)) if call.method != "GET" else ""
        return client.generic(call.method, address, body, content_type="application/json")

    assert _differing(_tried(world.robot, send), call.access) == {}
