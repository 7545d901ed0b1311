"""Ids for what a request does, who is signed in and where they work, and refusals as plain sentences."""

import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from agents.base import context
from agents.base.errors import NotAllowed, Refused
from agents.base.ids import uuid7
from agents.base.personal import masking
from agents.people.models import Team, User
from agents.people.queries import current_team
from console import errors
from console.clients import CUT_OFF, KEPT_BYTES
from console.personal import mask_of
from console.refusals import note_refusal

GetResponse = Callable[[HttpRequest], HttpResponse]
# Machines bring a token or a signature, which these interfaces check themselves.
MACHINES = ("/api/", "/otel/", "/hooks/", "/channels/", "/mcp", "/metrics")


class RequestIdMiddleware:
    """A fresh request id, in every log line, problem, event and in the X-Request-Id header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        correlation = uuid7()
        with context.correlate(correlation, f"req_{correlation.hex[-16:]}"):
            response = self.get_response(request)
            response["X-Request-Id"] = context.request_id()
            return response


class PersonMiddleware:
    """Sets `request.team`, and the language, time zone and mask of the signed-in person."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.team = None  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.team = current_team(request.user, request.session.get("team"))  # type: ignore[attr-defined]
        here = timezone.override(zoneinfo.ZoneInfo(request.user.zone))
        with translation.override(request.user.language), here, masking(mask_of(request, request.team)):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class SignInMiddleware:
    """Every view asks for a sign-in and a team unless it is marked `login_not_required` or is for machines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.path.startswith(MACHINES) or not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return sign_in(request)
        if getattr(request, "team", None) or request.path.startswith("/accounts/"):
            return None
        return errors.problem(request, 403, _("You belong to no team any more. An administrator can invite you again."))


def sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, or to the set-up page where nobody could sign in yet.

    A fragment is told to leave for it (401 + HX-Redirect); typed.js keeps what was typed.
    """
    if not Team.objects.exists():
        return redirect("setup")
    login = redirect_to_login(page_of(request))
    if request.headers.get("HX-Request") != "true":
        return login
    return HttpResponse(status=401, headers={"HX-Redirect": login.url})


def page_of(request: HttpRequest) -> str:
    """The page to come back to: a form's or a fragment's own address cannot be opened, so the page it was on."""
    shown = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if request.method == "GET" and request.headers.get("HX-Request") != "true":
        return request.get_full_path()
    if not url_has_allowed_host_and_scheme(shown, {request.get_host()}):
        return "/"
    parts = urlsplit(shown)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class RefusalMiddleware:
    """What an action refused becomes a page or a toast; so does a wrong method, and text PostgreSQL cannot store."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if unreadable := _unreadable(request):
            return unreadable
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = errors.not_allowed(request)
        page["Allow"] = response["Allow"]
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotAllowed) and isinstance(request.user, User):
            team: Team | None = getattr(request, "team", None)
            note_refusal(request, exception, request.user, team.pk if team else None)
        if isinstance(exception, Refused):
            return errors.refused(request, exception)
        if isinstance(exception, DataError):
            return errors.problem(request, 422, _("It contains a character or a number that cannot be stored."))
        return None


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """Why a form is not looked at: half of it would be taken for the whole, and a file without end fill the disk."""
    if request.path.startswith(MACHINES):
        return None
    if request.META.get("asgi.scope", {}).get(CUT_OFF):
        why = _("This did not come whole, or took too long. Nothing was changed: go back and send it again.")
        return errors.problem(request, 408, why)
    if int(request.META.get("CONTENT_LENGTH") or 0) > KEPT_BYTES:
        return errors.problem(request, 413, _("What was sent is larger than Rollcall takes. Send less at a time."))
    return None
