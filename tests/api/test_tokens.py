"""Tokens: hashed, scoped, expiring, recognisable, and never in an address (guarantees G40)."""

import datetime as dt
import hashlib
from io import StringIO
from itertools import product

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from agents.people.actions import revoke_token
from agents.people.enums import TokenScope
from agents.people.models import ApiToken, Membership
from console.api.access import Scope
from console.api.urls import api
from tests.api.conftest import MakeMachine
from tests.cast import Cast

CALLS = {
    TokenScope.READ: ("GET", "/agents"),
    TokenScope.RUNS_WRITE: ("POST", "/agents/refund-agent/runs"),
    TokenScope.REVIEW: ("POST", "/exceptions/00000000-0000-7000-8000-000000000000/answers"),
    TokenScope.CONFIGURE: ("PATCH", "/agents/refund-agent"),
    TokenScope.AUDIT_READ: ("GET", "/audit-events"),
}


@pytest.mark.parametrize(("held", "wanted"), list(product(TokenScope, CALLS)))
def test_a_token_opens_exactly_what_its_scope_says(machine: MakeMachine, held: TokenScope, wanted: TokenScope) -> None:
    status, answer = machine("chief", held.value).call(*CALLS[wanted], body={})
    lacking = status == 403 and answer["code"] == "scope"
    assert lacking == (held is not wanted)


def test_every_endpoint_asks_for_one_scope() -> None:
    for router in api._get_bound_routers():
        for path in router.path_operations.values():
            for operation in path.operations:
                assert [type(auth) for auth in operation.auth_callbacks] == [Scope]


def test_only_the_hash_of_a_token_is_kept(machine: MakeMachine) -> None:
    caller = machine("owner")
    row = ApiToken.objects.values().get(pk=caller.token.pk)
    assert caller.secret not in str(row)
    assert row["sha256"] == hashlib.sha256(caller.secret.encode()).hexdigest()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer rc_unknown", "Basic cmM6eA==", "Token rc_x", "Bearer rc_\xff"]
)
@pytest.mark.django_db
def test_without_a_valid_token_nothing_opens(header: str) -> None:
    response = Client(headers={"Authorization": header}).get("/api/v1/agents")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["code"] == "token"


def test_a_session_is_no_token(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    assert client.get("/api/v1/agents").status_code == 401


def test_a_revoked_an_expired_and_a_leavers_token_are_dead_at_the_next_call(machine: MakeMachine, cast: Cast) -> None:
    revoked, expired, left, inactive = (machine(role) for role in ("owner", "second", "backup", "chief"))
    assert {caller.get("/agents")[0] for caller in (revoked, expired, left, inactive)} == {200}
    revoke_token(revoked.token, actor=cast.owner)
    ApiToken.objects.filter(pk=expired.token.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    Membership.objects.filter(user=cast.backup).delete()
    cast.chief.is_active = False
    cast.chief.save()
    assert {caller.get("/agents")[0] for caller in (revoked, expired, left, inactive)} == {401}


def test_what_a_person_may_not_see_today_their_token_may_not_either(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("chief")
    assert len(caller.get("/agents")[1]["items"]) == 1
    assert caller.get("/agents/rival-agent")[0] == 404
    cast.agent.user_grants.filter(user=cast.chief).delete()
    assert caller.get("/agents")[1]["items"] == []


@pytest.mark.parametrize("query", ["access_token=x", "token=rc_x", "anything=rc_x", "a=b&c=rc_x", "c=%72c_x", "rc_x"])
def test_a_token_in_an_address_is_refused_even_beside_a_valid_one(machine: MakeMachine, query: str) -> None:
    status, problem = machine("owner").get(f"/agents?{query}")
    assert (status, problem["code"]) == (400, "token_in_address")


@pytest.mark.parametrize("query", ["agent=src_x", "agent=arc_1"])
def test_a_word_that_only_contains_the_mark_of_a_token_is_searched_for(machine: MakeMachine, query: str) -> None:
    assert machine("owner").get(f"/runs?{query}")[0] == 200


def test_the_command_prints_a_working_token_once(cast: Cast) -> None:
    out = StringIO()
    call_command("create_token", user="amelia@northwind.example", scope=["read", "review"], days=7, stdout=out)
    secret = out.getvalue().split()[0]
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/agents").status_code == 200
    token = ApiToken.objects.get(user=cast.owner)
    assert (token.scopes, token.prefix) == (["read", "review"], secret[:12])
    assert (token.expires_at - timezone.now()).days == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "nobody@northwind.example"},
        {"scope": ["everything"]},
        {"days": 0},
        {"days": 366},
        {"team": "contoso"},
    ],
)
@pytest.mark.usefixtures("cast")
def test_the_command_says_what_is_wrong_and_makes_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", **{"user": "amelia@northwind.example", "scope": ["read"], **wrong})
    assert not ApiToken.objects.exists()
