"""The one HTTP door out: no other module of ours calls a host that somebody named (tests/base/test_doors.py).

Address policy, resolved once and connected by address, no redirects, deadlines, caps, a breaker per host. EGRESS_ALLOW
(exact host:port, environment only) is the sole exception.
"""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.http.addresses import check_target
from agents.base.http.calling import call, shared, soon
from agents.base.http.errors import OutboundError
from agents.base.http.model import model_client
from agents.base.http.vendor import Reply, Session, connector, fetch, session

__all__ = [
    "OutboundError",
    "Reply",
    "Session",
    "call",
    "check_url",
    "connector",
    "fetch",
    "model_client",
    "session",
    "shared",
    "soon",
]
PORTS = {"http": 80, "https": 443}


def check_url(url: str) -> str:
    """`url`, when it may be saved as somewhere to call; raises `Invalid` ("bad_url", "blocked_address") otherwise.

    Names are not looked up here: what they resolve to is checked at every connection.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad_url() from None
    odd = any(ord(character) <= 0x20 or ord(character) == 0x7F or character == "\\" for character in url)
    if odd or not parts.scheme or not parts.hostname or "@" in parts.netloc or port == 0:
        raise _bad_url()
    try:
        check_target(parts.scheme, parts.hostname, port or PORTS.get(parts.scheme, 0))
    except OutboundError as refused:
        raise Invalid(refused.message, refused.code, {"url": [refused.message]}) from None
    return url


def _bad_url() -> Invalid:
    message = _(
        "This is not a web address. Write it like https://api.example.com/v1, without a name or password in it."
    )
    return Invalid(message, "bad_url", {"url": [message]})
