"""Who sees personal data masked, and having them shown on one page for a while."""

import uuid
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from agents.base.personal import Known
from agents.people.models import Team, User
from agents.people.permissions import SEES_PERSONAL

SECONDS = 15 * 60
"""How long they stay shown on a page."""
REVEALED = "revealed"
"""In the session: addresses of pages with the second until which they show everything."""


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
    if team is None or is_revealed(request):
        return None
    return mask_for(team.role, team.pk)  # type: ignore[attr-defined]


def is_revealed(request: HttpRequest) -> bool:
    return bool(request.session.get(REVEALED, {}).get(request.path, 0) > timezone.now().timestamp())


def show_on(request: HttpRequest, path: str) -> None:
    """From now on the page shows everything, for a while."""
    now = timezone.now().timestamp()
    kept = {other: until for other, until in request.session.get(REVEALED, {}).items() if until > now}
    request.session[REVEALED] = {**kept, path: now + SECONDS}
