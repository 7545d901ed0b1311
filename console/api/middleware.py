"""The edge of `/api/`: no secret in an address, nothing cached, personal data by role, every failure a problem."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from agents.base.personal import is_masking, masking, told_in
from agents.people.models import ApiToken
from console.api.access import REVEAL
from console.api.body import encode
from console.api.problems import MEDIA, general, problem
from console.personal import mask_for

SECRET = "rc_"


class ApiMiddleware:
    """Whatever answers below with a page (a forged host, an unknown path, a crash), machines get a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        response = _token_in_address(request) or self.get_response(request)
        if response.status_code >= 400 and response["Content-Type"] != MEDIA:
            response = general(response)
        response.headers.setdefault("Cache-Control", "no-store")
        return _as_seen_by(getattr(request, "auth", None), request, response)


def _as_seen_by(token: ApiToken | None, request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with personal data masked where the token's person sees them so, and gave no reason for more."""
    if token is None or request.headers.get(REVEAL):
        return response
    with masking(mask_for(token.role, token.team_id)):  # type: ignore[attr-defined]
        if is_masking() and response.content:
            response.content = encode(told_in(json.loads(response.content)))
    return response


def _token_in_address(request: HttpRequest) -> HttpResponse | None:
    """Addresses end up in logs and histories."""
    said = [part for name, values in request.GET.lists() for part in (name, *values)]
    if "access_token" not in said and not any(part.startswith(SECRET) for part in said):
        return None
    return problem(
        400, "token_in_address", _("A token in an address gets into logs: revoke it, and send it as a header.")
    )
