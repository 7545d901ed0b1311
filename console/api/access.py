"""Who calls, with which scope, and what that person may reach."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from agents.base.errors import Invalid, NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.actions import authenticate_token, reveal_personal
from agents.people.enums import TokenScope
from agents.people.models import ApiToken, Team, User
from agents.runs.models import ReviewItem
from agents.runs.queries.helping import HELPER_SLUG

REVEAL = "Reveal-Reason"
"""The header that says what personal data are needed for, by those whose role sees them masked."""


class Scope(HttpBearer):
    """A bearer token that carries `scope`. A token never reaches further than its person does today."""

    def __init__(self, scope: TokenScope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = authenticate_token(token)
        if found and self.scope not in found.scopes:
            cast(Any, request).auth = found  # the trail names who was refused
            raise NotAllowed(_("This token lacks the scope %(scope)s.") % {"scope": self.scope.value}, "scope")
        if found and (reason := request.headers.get(REVEAL)):
            reveal_personal(found.team, where=request.get_full_path(), reason=reason, actor=found.user)
        return found


READ = Scope(TokenScope.READ)
RUNS = Scope(TokenScope.RUNS_WRITE)
REVIEW = Scope(TokenScope.REVIEW)
BROADCAST = Scope(TokenScope.BROADCAST)
CONTEXT = Scope(TokenScope.CONTEXT)
CONFIGURE = Scope(TokenScope.CONFIGURE)
TRAIL = Scope(TokenScope.AUDIT_READ)


def token_of(request: HttpRequest) -> ApiToken:
    return cast(ApiToken, cast(Any, request).auth)


def caller(request: HttpRequest) -> User:
    return token_of(request).user


def member(team: Team, email: str, field: str = "email") -> User:
    """Whoever in the team signs in with this address. Raises `Invalid` on the field it was sent in."""
    user = User.objects.filter(email__iexact=email, memberships__team=team).first()
    if user is None:
        problem = _("%(email)s is not in your team: choose from its members.") % {"email": email}
        raise Invalid(problem, fields={field: [problem]})
    return user


def agents(request: HttpRequest) -> QuerySet[Agent]:
    """The agents of the token's team that its person may view."""
    token = token_of(request)
    return agents_for(token.user, Verb.VIEW).filter(team_id=token.team_id)


def item_rows(request: HttpRequest) -> QuerySet[ReviewItem]:
    """The places in the queue that the token's person may view, each with its `helper`."""
    found = ReviewItem.objects.filter(agent__in=agents(request)).select_related("agent", "exception__run", "assignee")
    return found.annotate(helper=HELPER_SLUG)


def agent_or_404(request: HttpRequest, slug: str) -> Agent:
    """404 for strangers; what a reader may do with it, the action decides."""
    agent = agents(request).filter(slug=slug).select_related("team").first()
    if agent is None:
        raise Http404
    return agent
