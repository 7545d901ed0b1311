"""Ids for what a request does, and the person's team, language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from agents.base import context
from agents.base.ids import uuid7
from agents.people.queries import current_team

GetResponse = Callable[[HttpRequest], HttpResponse]


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
    """Sets `request.team`, and the language and time zone of the signed-in person."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.team = None  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.team = current_team(request.user, request.session.get("team"))  # type: ignore[attr-defined]
        with translation.override(request.user.language), timezone.override(zoneinfo.ZoneInfo(request.user.zone)):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
