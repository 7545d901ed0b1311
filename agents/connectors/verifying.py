"""Who sent a webhook: Standard Webhooks 1.0 (also under the names `svix-*`), or a token in a header.

Either of two secrets is good while the first is being rotated out. Every comparison takes the same time.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Refused
from agents.connectors.enums import SourceMode
from agents.connectors.models import Source
from agents.connectors.signing import signed

TOLERANCE_S = 300
PREFIXES = ("webhook", "svix")
# As costly to check as a real one: an unknown address must not be told from a wrong signature by its time.
NOBODY = "whsec_" + "A" * 43 + "="
TOKEN_HEADERS = ("X-Webhook-Token", "Authorization")


class Unproven(Refused):
    """The sender did not prove who it is, or not lately."""

    status = 401


@dataclass(frozen=True)
class Signature:
    """The three headers of a message."""

    id: str
    timestamp: str
    signatures: tuple[str, ...]


def verify(source: Source, headers: Mapping[str, str], body: bytes) -> str:
    """The sender's id for this message ("" where it gives none).

    Raises Unproven: `signature_missing`, `unsupported_signature`, `bad_signature`, `too_old`, `clock_ahead`.
    """
    secrets = secrets_of(source)
    if source.mode == SourceMode.TOKEN:
        _check_token(secrets, headers)
        return headers.get("webhook-id") or headers.get("Idempotency-Key") or ""
    message = _signature(headers)
    _check_signature(secrets, message, body)
    _check_time(int(message.timestamp))
    return message.id


def verify_nobody(headers: Mapping[str, str], body: bytes) -> None:
    """What an unknown address costs: the same check, which fails. Raises Unproven."""
    _check_signature([NOBODY], Signature("0", "0", ("v1,",)), body)


def secrets_of(source: Source) -> list[str]:
    """Those that are good now, the current one first."""
    old = source.previous_secret if source.previous_until and source.previous_until > timezone.now() else None
    return [each.reveal() for each in (source.secret, old) if each is not None]


def _signature(headers: Mapping[str, str]) -> Signature:
    for prefix in PREFIXES:
        told = [headers.get(f"{prefix}-{name}", "") for name in ("id", "timestamp", "signature")]
        if all(told):
            return Signature(told[0], told[1], tuple(told[2].split()))
    raise Unproven(_("Sign it: webhook-id, webhook-timestamp and webhook-signature."), "signature_missing")


def _check_signature(secrets: list[str], message: Signature, body: bytes) -> None:
    given = [each for each in message.signatures if each.startswith("v1,")]
    if not given:
        raise Unproven(_("Only signatures of version v1 are known here."), "unsupported_signature")
    # Only as it is spelled in the specification, so that nothing else can stand for the same second.
    stamp = int(message.timestamp) if message.timestamp.isascii() and message.timestamp.isdigit() else -1
    wanted = [signed(secret, message.id, body, stamp)["webhook-signature"] for secret in secrets]
    same = [hmac.compare_digest(one.encode(), other.encode()) for one in given for other in wanted]
    if not any(same) or str(stamp) != message.timestamp:
        raise Unproven(_("The signature does not fit this address and these bytes."), "bad_signature")


def _check_time(stamp: int) -> None:
    age = time.time() - stamp
    if age > TOLERANCE_S:
        raise Unproven(_("It was signed more than five minutes ago. Sign it again."), "too_old")
    if age < -TOLERANCE_S:
        raise Unproven(_("The sender's clock is more than five minutes ahead."), "clock_ahead")


def _check_token(secrets: list[str], headers: Mapping[str, str]) -> None:
    given = next((headers[name] for name in TOKEN_HEADERS if headers.get(name)), "").removeprefix("Bearer ").strip()
    if not given:
        raise Unproven(_("Send the token as X-Webhook-Token, or as Authorization: Bearer."), "signature_missing")
    same = [hmac.compare_digest(given.encode(errors="replace"), secret.encode()) for secret in secrets]
    if not any(same):
        raise Unproven(_("The token does not fit this address."), "bad_signature")
