"""Who sees personal data masked, and having them shown on one page for a while."""

import uuid
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from agents.base.personal import Known
from agents.people.models import Team, User
from agents.people.permissions import MAY_REVEAL, SEES_PERSONAL

SECONDS = 15 * 60
"""How long they stay shown on a page."""
REVEALED = "revealed"
"""In the session: teams and addresses of pages, with the second until which they show everything."""


def mask_for(role: str, team_id: uuid.UUID) -> Known | None:
    """The mask of whoever has this role in the team; the addresses of its own people stay."""
    if role in SEES_PERSONAL:
        return None

    @cache
    def known() -> frozenset[str]:
        found = User.objects.filter(memberships__team=team_id).values_list("email", flat=True)
        return frozenset(email.lower() for email in found)

    return known


def mask_of(request: HttpRequest, team: Team | None) -> Known | None:
    """The mask of a page."""
    role = team.role if team else ""  # type: ignore[attr-defined]
    if team is None or (role in MAY_REVEAL and _is_revealed(request, team)):
        return None
    return mask_for(role, team.pk)


def _is_revealed(request: HttpRequest, team: Team) -> bool:
    return bool(request.session.get(REVEALED, {}).get(_place(team, request.path), 0) > timezone.now().timestamp())


def show_on(request: HttpRequest, team: Team, path: str) -> None:
    """From now on the team's page shows everything, for a while."""
    now = timezone.now().timestamp()
    kept = {other: until for other, until in request.session.get(REVEALED, {}).items() if until > now}
    request.session[REVEALED] = {**kept, _place(team, path): now + SECONDS}


def _place(team: Team, path: str) -> str:
    return f"{team.pk}{path}"
