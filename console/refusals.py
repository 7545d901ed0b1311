"""Who was refused what, into the trail: in a transaction of its own, since what was refused left nothing behind."""

import hashlib
import uuid

from django.core.cache import caches
from django.http import HttpRequest

from agents.base.errors import NotAllowed
from agents.people import verbs
from agents.people.models import User
from audit.actions import record

MINUTE = 60  # seconds


def note_refusal(request: HttpRequest, refusal: NotAllowed, user: User, team_id: uuid.UUID | None) -> None:
    """One event per person and path a minute. The route, not the path: a path can hold the secret of an invitation."""
    if not first_this_minute("refused", str(user.pk), request.path):
        return
    route = request.resolver_match.route if request.resolver_match else ""
    record(
        verbs.REFUSED,
        actor=user.actor,
        team_id=team_id,
        object_label=f"{request.method} /{route}",
        method=request.method,
        path=request.path if "token" not in _arguments(request) else f"/{route}",
        code=refusal.code,
        reason=refusal.message,
    )


def first_this_minute(*words: str) -> bool:
    """Whether these words were not said in this process during the last minute."""
    digest = hashlib.sha256("\n".join(words).encode(errors="replace")).hexdigest()
    return caches["moments"].add(digest, 1, MINUTE)


def _arguments(request: HttpRequest) -> dict[str, object]:
    return request.resolver_match.kwargs if request.resolver_match else {}
