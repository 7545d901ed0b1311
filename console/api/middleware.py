"""The edge of `/api/`: no secret in an address, nothing cached, every failure a problem."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from console.api.problems import MEDIA, general, problem

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
        return response


def _token_in_address(request: HttpRequest) -> HttpResponse | None:
    """Addresses end up in logs and histories."""
    said = [part for name, values in request.GET.lists() for part in (name, *values)]
    if "access_token" not in said and not any(part.startswith(SECRET) for part in said):
        return None
    return problem(
        400, "token_in_address", _("A token in an address gets into logs: revoke it, and send it as a header.")
    )
