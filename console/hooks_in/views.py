"""Webhooks in. Checked are, in this order: size, source, signature, freshness, content. Kept before acknowledged."""

import uuid

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from agents.base.errors import Refused
from agents.connectors.actions import receive_event
from agents.connectors.models import Source
from agents.connectors.verifying import Unproven, verify_nobody
from console.api.body import encode
from console.api.incoming import json_only, receive
from console.api.problems import MEDIA, of_refusal, problem, unavailable

MOST_BYTES = 5 * 2**20


@csrf_exempt
def hook(request: HttpRequest, source: str) -> HttpResponse:
    """202 once it is kept; the same answer to the same message. Problems as everywhere in the API."""
    try:
        answer = _kept(request, source)
    except (OperationalError, InterfaceError):
        answer = unavailable()
    except Http404:
        answer = problem(404, "not_found", _("There is no such thing, or it is not yours to see."))
    except RequestDataTooBig:
        answer = problem(413, "too_large", _("What was sent is larger than Rollcall takes. Send less at a time."))
    except Refused as refusal:
        answer = HttpResponse(encode(of_refusal(refusal)), status=refusal.status, content_type=MEDIA)
    answer["Cache-Control"] = "no-store"
    return answer


def _kept(request: HttpRequest, address: str) -> HttpResponse:
    if request.method != "POST":
        return _post_only()
    body = receive(request, MOST_BYTES)
    source = _source(address)
    if source is None:
        _pretend(request, body)
        raise Http404
    event = receive_event(source, request.headers, body, check=lambda: json_only(request))
    return JsonResponse({"id": str(event.pk), "state": "accepted"}, status=202)


def _post_only() -> HttpResponse:
    answer = problem(405, "method", _("This address does not take this method."))
    answer["Allow"] = "POST"
    return answer


def _source(address: str) -> Source | None:
    try:
        wanted = uuid.UUID(address)
    except ValueError:
        return None
    return Source.objects.select_related("team", "agent").filter(pk=wanted).first()


def _pretend(request: HttpRequest, body: bytes) -> None:
    try:
        verify_nobody(request.headers, body)
    except Unproven:
        return
