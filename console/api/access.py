"""Who calls, with which scope, and what that person may reach."""

import uuid
from typing import Any, cast

from agents.people.actions import authenticate_token
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja.security import HttpBearer

from agents.base.errors import NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.enums import TokenScope
from agents.people.models import ApiToken, User


class Scope(HttpBearer):
    """A bearer token that carries `scope`. A token never reaches further than its person does today."""

    def __init__(self, scope: TokenScope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = authenticate_token(token)
        if found and self.scope not in found.scopes:
            raise NotAllowed(f"This token lacks the scope {self.scope.value}.", code="scope")
        return found


READ, RUNS, REVIEW, CONFIGURE, TRAIL = (
    Scope(scope)
    for scope in (
        TokenScope.READ,
        TokenScope.RUNS_WRITE,
        TokenScope.REVIEW,
        TokenScope.CONFIGURE,
        TokenScope.AUDIT_READ,
    )
)


def token_of(request: HttpRequest) -> ApiToken:
    return cast(ApiToken, cast(Any, request).auth)


def caller(request: HttpRequest) -> User:
    return token_of(request).user


def agents(request: HttpRequest, verb: Verb = Verb.VIEW) -> QuerySet[Agent]:
    """The agents of the token's team on which its person holds `verb`."""
    token = token_of(request)
    return agents_for(token.user, verb).filter(team_id=token.team_id)


def agent_or_404(request: HttpRequest, slug: str, verb: Verb = Verb.VIEW) -> Agent:
    """404 for strangers, 403 for readers without the verb."""
    agent = agents(request).filter(slug=slug).select_related("team").first()
    if agent is None:
        raise Http404
    if verb is not Verb.VIEW and not agents(request, verb).filter(pk=agent.pk).exists():
        raise NotAllowed(f"You may see {agent} but not do this with it.", code="verb")
    return agent


def as_uuid(text: str) -> uuid.UUID:
    """A path or cursor id; 404 when it is none, as for any id that is not ours."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
