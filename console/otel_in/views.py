"""OTLP over HTTP (opentelemetry.io/docs/specs/otlp): protobuf or JSON, plain or gzip; each answered in its own kind."""

import json
import zlib
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from agents.base import otlp
from agents.base.errors import NotAllowed, Refused
from agents.connectors.actions import report_traces
from agents.connectors.otlp import Garbled, Heard, read_binary, read_json
from console.api.access import RUNS, agents, caller, token_of
from console.api.body import WrongMedia
from console.api.incoming import TooLarge, receive
from console.refusals import note_refusal

MOST_BYTES = 20 * 2**20
"""Packed and unpacked."""
PROTOBUF, JSON = "application/x-protobuf", "application/json"
READ = {PROTOBUF: read_binary, JSON: read_json}
CODES = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 408: 4, 413: 8, 415: 3, 503: 14}
"""What gRPC calls these statuses; OTLP's answers name both."""
RETRY_S = 5


class BadBody(Refused):
    """Not a request as OTLP has it; the same bytes will never be taken."""

    status = 400


class Unproven(Refused):
    """No valid token."""

    status = 401


class PostOnly(Refused):
    """Another method."""

    status = 405


@csrf_exempt
def traces(request: HttpRequest) -> HttpResponse:
    """200 once it is kept; spans that cannot be taken are counted in the answer and sink no other."""
    try:
        answer = _taken(request)
    except (OperationalError, InterfaceError):
        answer = _refused(request, 503, _("The database does not answer. Nothing was kept: send it again later."))
        answer["Retry-After"] = str(RETRY_S)
    except RequestDataTooBig:
        answer = _refused(request, 413, _("What was sent is larger than Rollcall takes. Send less at a time."))
    except Refused as refusal:
        _note(request, refusal)
        answer = _refused(request, refusal.status, refusal.message)
    answer["Cache-Control"] = "no-store"
    return answer


def _taken(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        raise PostOnly(_("This address does not take this method."))
    request.auth = RUNS(request)  # type: ignore[attr-defined]
    if token_of(request) is None:
        raise Unproven(_("Send a valid token: Authorization: Bearer rc_…"))
    heard = _heard(request)
    report_traces(heard, agents(request), actor=caller(request))
    if request.content_type == PROTOBUF:
        return _binary(otlp.response(heard.rejected, heard.why), 200)
    told = {"partialSuccess": {"rejectedSpans": str(heard.rejected), "errorMessage": heard.why}}
    return _json(told if heard.rejected else {}, 200)


def _heard(request: HttpRequest) -> Heard:
    if request.content_type not in READ:
        raise WrongMedia(_("Send Content-Type: application/x-protobuf or application/json."), "content_type")
    body = _unpacked(request)
    try:
        return READ[request.content_type](body) if body else Heard([])
    except Garbled as why:
        raise BadBody(_("This is not a trace as OTLP has it: %(why)s.") % {"why": why}) from None


def _unpacked(request: HttpRequest) -> bytes:
    packing = request.headers.get("Content-Encoding", "identity").lower()
    if packing not in ("identity", "gzip"):
        raise WrongMedia(_("Send it plain or with Content-Encoding: gzip."), "content_encoding")
    body = receive(request, MOST_BYTES)
    return unzip(body, MOST_BYTES) if packing == "gzip" else body


def unzip(body: bytes, most: int) -> bytes:
    """Every member of a gzip body. Raises TooLarge once it holds more than `most`, BadBody where it is cut or none."""
    found = bytearray()
    while body:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            found += member.decompress(body, most + 1 - len(found))
        except zlib.error:
            raise BadBody(_("The body is not gzip.")) from None
        if len(found) > most:
            raise TooLarge(_("The body is larger than %(most)s bytes.") % {"most": most}, "too_large")
        if not member.eof:
            raise BadBody(_("The gzip body is cut off."))
        body = member.unused_data
    return bytes(found)


def _note(request: HttpRequest, refusal: Refused) -> None:
    if isinstance(refusal, NotAllowed):
        note_refusal(request, refusal, caller(request), token_of(request).team_id)


def _refused(request: HttpRequest, status: int, message: str) -> HttpResponse:
    code = CODES.get(status, 2)
    binary = request.content_type == PROTOBUF
    answer = (
        _binary(otlp.status(code, message), status) if binary else _json({"code": code, "message": message}, status)
    )
    if status == 405:
        answer["Allow"] = "POST"
    return answer


def _binary(told: bytes, status: int) -> HttpResponse:
    return HttpResponse(told, status=status, content_type=PROTOBUF)


def _json(told: dict[str, Any], status: int) -> HttpResponse:
    return HttpResponse(json.dumps(told), status=status, content_type=JSON)
