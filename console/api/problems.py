"""Every refusal as an RFC 9457 problem with the request id; nothing internal."""

from http import HTTPStatus
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from agents.base.context import request_id
from agents.base.errors import Refused

log = structlog.get_logger(__name__)


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """`type` is a relative reference of ours, `detail` a sentence for people."""
    body = {
        "type": f"/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id(),
        **more,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


def install(api: NinjaAPI) -> None:
    """Answer each kind of failure of `api` with a problem."""

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
        fields = getattr(refusal, "fields", None)
        return problem(refusal.status, refusal.code, refusal.message, **({"fields": fields} if fields else {}))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields: dict[str, list[str]] = {}
        for entry in error.errors:
            fields.setdefault(".".join(str(part) for part in entry["loc"]), []).append(entry["msg"])
        return problem(422, "invalid", "Some fields cannot be taken as they are.", fields=fields)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "not_found", "There is no such thing, or it is not yours to see.")

    @api.exception_handler(AuthenticationError)
    def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        response = problem(401, "token", "Send a valid token: Authorization: Bearer rc_…")
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "unreadable", "The request cannot be read: send well-formed JSON.")

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("api_failed")
        return problem(500, "internal", "Something broke on our side. It is in the log under this request id.")
