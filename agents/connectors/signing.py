"""Standard Webhooks 1.0, sending: HMAC-SHA256 over `id.timestamp.body`, the secret in base64 after `whsec_`."""

import base64
import binascii
import hashlib
import hmac
import time

from django.utils.translation import gettext as _

from agents.base.errors import Invalid

PREFIX = "whsec_"


def signed(secret: str, key: str, body: bytes, at: int | None = None) -> dict[str, str]:
    """The three headers of a message; `key` is its id, `at` its unix time (now). Raises `Invalid` for a bad secret."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(_bytes(secret), f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": key, "webhook-timestamp": stamp, "webhook-signature": signature}


def _bytes(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        problem = _("A signing secret looks like whsec_ followed by base64.")
        raise Invalid(problem, "bad_secret", {"signing_secret": [problem]}) from None
