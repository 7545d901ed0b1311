"""Idempotency-Key: the same request with the same key gets the first answer again."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db import transaction
from django.http import HttpRequest
from ninja import Schema

from agents.base.errors import Conflict, Invalid
from agents.base.models import IdempotentReply
from console.api.access import token_of

P = ParamSpec("P")
Reply = tuple[int, Schema]
View = Callable[Concatenate[HttpRequest, P], Reply]


def once(view: View[P]) -> Callable[Concatenate[HttpRequest, P], tuple[int, object]]:
    """Keep the reply of a mutating view beside its effect, in one transaction.

    The row is inserted first: a second request with the same key waits for the first to commit, then reads its reply.
    A refusal keeps nothing, so it may be sent again corrected. Raises Conflict when the key was used for another body.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> tuple[int, object]:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return view(request, *args, **kwargs)
        if len(key) > 200 or not key.isprintable():
            raise Invalid("An Idempotency-Key has at most 200 printable characters.", code="idempotency_key")
        scope, sha = f"{token_of(request).pk} {request.method} {request.path}", hashlib.sha256(request.body).hexdigest()
        with transaction.atomic():
            fresh = IdempotentReply(scope=scope, key=key, request_sha256=sha, status=0, body={})
            IdempotentReply.objects.bulk_create([fresh], ignore_conflicts=True)
            kept = IdempotentReply.objects.get(scope=scope, key=key)
            if kept.pk != fresh.pk:
                return _again(kept, sha)
            status, reply = view(request, *args, **kwargs)
            kept.status, kept.body = status, reply.model_dump(mode="json")
            kept.save(update_fields=["status", "body"])
            return status, kept.body

    return wrapper


def _again(kept: IdempotentReply, sha: str) -> tuple[int, object]:
    if kept.request_sha256 != sha:
        raise Conflict("This Idempotency-Key was used for another request.", code="idempotency_key_reused")
    return kept.status, kept.body
