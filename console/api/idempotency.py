"""Idempotency-Key: the same request with the same key gets the first answer again."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Status

from agents.base.errors import Conflict, Invalid
from agents.base.models import IdempotentReply
from console.api.access import token_of
from console.api.body import encode

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], Status[Any]]


def once(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Keep the answer of a mutating view beside its effect, in one transaction.

    The row is inserted first: a second request with the same key waits for the first to commit, then reads its answer.
    A refusal keeps nothing, so it may be sent again corrected. Raises Conflict when the key came with another request.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = _key(request)
        if key is None:
            return _answer(*_said(view(request, *args, **kwargs)))
        with transaction.atomic():
            fresh = IdempotentReply(
                scope=f"token {token_of(request).pk}", key=key, request_sha256=_sha256(request), status=0, body=""
            )
            IdempotentReply.objects.bulk_create([fresh], ignore_conflicts=True)
            kept = IdempotentReply.objects.get(scope=fresh.scope, key=key)
            if kept.pk == fresh.pk:
                kept.status, kept.body = _said(view(request, *args, **kwargs))
                kept.save(update_fields=["status", "body"])
        if kept.request_sha256 != fresh.request_sha256:
            raise Conflict(_("This Idempotency-Key was used for another request."), "idempotency_key_reused")
        return _answer(kept.status, kept.body)

    return wrapper


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
        raise Invalid(_("An Idempotency-Key has 1 to 200 printable characters."), "idempotency_key")
    return key


def _sha256(request: HttpRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(said).hexdigest()


def _said(reply: Status[Any]) -> tuple[int, str]:
    """As text, since jsonb would give its keys back in another order."""
    return reply.status_code, encode(reply.value.model_dump())


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="application/json")
