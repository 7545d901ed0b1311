"""A machine with a token, calling the API as one person of the cast."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from agents.people.actions import create_token
from agents.people.enums import TokenScope
from agents.people.models import Team, User
from tests.cast import Cast

Answer = tuple[int, Any]


class Machine:
    """Every call answers (status, JSON body)."""

    def __init__(self, team: Team, user: User, scopes: list[str]) -> None:
        self.token, self.secret = create_token(team, user, name="robot", scopes=scopes, days=30, actor=user)
        self.client = Client(headers={"Authorization": f"Bearer {self.secret}"}, raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`path` is relative to /api/v1; `body` is sent as JSON, or as it is when it is bytes."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        response = self.client.generic(method, f"/api/v1{path}", sent, content_type="application/json", headers=headers)
        return response.status_code, response.json() if response.content else None

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)


MakeMachine = Callable[..., Machine]


@pytest.fixture
def machine(cast: Cast) -> MakeMachine:
    """`machine("owner")` calls as the owner with every scope, `machine("owner", "read")` with one."""

    def make(role: str, *scopes: str) -> Machine:
        team = cast.rival_team if role == "rival" else cast.team
        return Machine(team, getattr(cast, role), list(scopes) or TokenScope.values)

    return make
