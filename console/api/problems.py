"""Every refusal as an RFC 9457 problem with the request id; nothing internal."""

import random
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from agents.base.context import request_id
from agents.base.errors import NotAllowed, Refused
from agents.people.models import ApiToken
from console.api.body import encode
from console.refusals import note_refusal

MEDIA = "application/problem+json"


class Problem(Schema):
    """RFC 9457. `detail` is a sentence for people, `code` a word for machines, `fields` says where and why."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    fields: dict[str, list[str]] = {}


def describe(status: int, code: str, detail: str, fields: dict[str, list[str]] | None = None) -> Problem:
    """The problem that happened in this request."""
    return Problem(
        type=f"urn:rollcall:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        request_id=request_id(),
        fields=fields or {},
    )


def problem(status: int, code: str, detail: str, fields: dict[str, list[str]] | None = None) -> HttpResponse:
    """The answer that says so."""
    return HttpResponse(encode(describe(status, code, detail, fields)), status=status, content_type=MEDIA)


def of_refusal(refusal: Refused) -> Problem:
    """What an action refused with."""
    return describe(refusal.status, refusal.code, refusal.message, refusal.fields)


def of_validation(errors: list[Any]) -> Problem:
    """What a schema refused with: pydantic's errors, by the place they are at."""
    fields: dict[str, list[str]] = {}
    for error in errors:
        place = [str(part) for part in error["loc"] if part != "body"]
        fields.setdefault(".".join(place) or "body", []).append(error["msg"])
    return describe(422, "invalid", _("Some fields cannot be taken as they are."), fields)


def general(response: HttpResponseBase) -> HttpResponse:
    """A failure that was answered with a page, or not at all, as a problem."""
    code, detail = {
        400: ("malformed", _("The request cannot be read: send well-formed JSON.")),
        404: ("not_found", _("There is no such thing, or it is not yours to see.")),
        405: ("method", _("This address does not take this method.")),
        413: ("too_large", _("What was sent is larger than Rollcall takes. Send less at a time.")),
        422: ("invalid", _("It contains a character or a number that cannot be stored.")),
    }.get(response.status_code, ("internal", _("Something broke on our side. It is in the log under this request id.")))
    answer = problem(response.status_code, code, detail)
    if response.has_header("Allow"):
        answer["Allow"] = response["Allow"]
    return answer


def install(api: NinjaAPI) -> None:
    """Answer each kind of failure of `api` with a problem; what is not named here becomes a 500 of Django's."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _stranger)
    api.add_exception_handler(HttpError, _unreadable)
    api.add_exception_handler(Http404, lambda request, error: general(HttpResponse(status=404)))
    for away in (OperationalError, InterfaceError):
        api.add_exception_handler(away, lambda request, error: unavailable())
    api.add_exception_handler(DataError, lambda request, error: general(HttpResponse(status=422)))


def unavailable() -> HttpResponse:
    """The database is away: nothing was kept, and the same request may be sent again."""
    response = problem(503, "unavailable", _("The database does not answer. Nothing was kept: send it again later."))
    response["Retry-After"] = str(random.randint(2, 10))
    return response


def _answer(found: Problem) -> HttpResponse:
    return HttpResponse(encode(found), status=found.status, content_type=MEDIA)


def _refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    token = getattr(request, "auth", None)
    if isinstance(refusal, NotAllowed) and isinstance(token, ApiToken):
        note_refusal(request, refusal, token.user, token.team_id)
    return _answer(of_refusal(refusal))


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    return _answer(of_validation(error.errors))


def _stranger(request: HttpRequest, error: Any) -> HttpResponse:
    response = problem(401, "token", _("Send a valid token: Authorization: Bearer rc_…"))
    response["WWW-Authenticate"] = "Bearer"
    return response


def _unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    """Ninja hides what the parser raised behind a 400."""
    if isinstance(error.__cause__, Refused):
        return _refused(request, error.__cause__)
    too_big = isinstance(error.__cause__, RequestDataTooBig)
    return general(HttpResponse(status=413 if too_big else error.status_code))
