"""Calls to other people's systems, by aiohttp: many at once, each short, small and never redirected."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from django.utils.translation import gettext as _

from agents.base.http.addresses import check_target
from agents.base.http.breaker import breaker
from agents.base.http.errors import OutboundError
from agents.base.http.resolve import CheckedResolver
from agents.base.phrases import phrase

DEADLINE = 10.0
CAP = 65_536
NEVER = aiohttp.ClientTimeout(total=None)
"""`fetch` has a deadline of its own."""
REDIRECT = phrase("The system answers with a redirect, which is not followed.")
COMPRESSED = phrase("The system answers compressed although it was asked not to.")
TOO_LARGE = phrase("The answer is larger than %(cap)s bytes.")
TOO_LATE = phrase("%(host)s did not answer in time.")
UNREACHABLE = phrase("%(host)s cannot be reached safely.")
log = structlog.get_logger("http")
Session = aiohttp.ClientSession


class Connector(aiohttp.TCPConnector):
    """Refuses a target before it connects; aiohttp never shows literal addresses to a resolver."""

    async def connect(self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout) -> Any:
        check_target(req.url.scheme, req.url.host or "", req.url.port or 0)
        return await super().connect(req, traces, timeout)


def connector(limit: int = 100) -> Connector:
    """A connector for an aiohttp session, made inside the running loop. It cannot stop redirects: `fetch` does."""
    return Connector(resolver=CheckedResolver(), use_dns_cache=False, limit=limit)


def session(limit: int = 100) -> aiohttp.ClientSession:
    """A session whose every connection passes the door; close it after use."""
    return aiohttp.ClientSession(connector=connector(limit), auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())


@dataclass(frozen=True)
class Reply:
    """What came back, whole, within the cap."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def fetch(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    deadline: float = DEADLINE,
    cap: int = CAP,
) -> Reply:
    """One request, at most `deadline` seconds from the lookup to the last byte, at most `cap` bytes back.

    Raises `OutboundError`; any status but a redirect is a reply.
    """
    host, start, outcome = urlsplit(url).hostname or "", time.monotonic(), "ok"
    breaker.admit(host)
    try:
        async with asyncio.timeout(deadline):
            reply = await _send(session, method, url, {**(headers or {}), "Accept-Encoding": "identity"}, body, cap)
    except (OutboundError, TimeoutError, aiohttp.ClientError, OSError) as error:
        problem = _explain(error, host)
        outcome = problem.code
        if outcome != "blocked_address":
            breaker.failed(host)
        raise problem from None
    finally:
        # Neither path nor headers: both may carry secrets. What went well is in the rows it was asked for: a line of
        # the log takes longer than the request.
        if outcome != "ok":
            log.info("http.out", host=host, method=method, outcome=outcome, ms=round((time.monotonic() - start) * 1000))
    (breaker.failed if reply.status >= 500 else breaker.succeeded)(host)
    return reply


async def _send(
    session: aiohttp.ClientSession, method: str, url: str, headers: Mapping[str, str], body: bytes | None, cap: int
) -> Reply:
    async with session.request(
        method, url, headers=headers, data=body, allow_redirects=False, timeout=NEVER
    ) as response:
        if 300 <= response.status < 400 and response.status != 304:
            raise OutboundError("redirected", _(REDIRECT))
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise OutboundError("encoded", _(COMPRESSED))
        return Reply(response.status, response.headers, await _read(response, cap))


async def _read(response: aiohttp.ClientResponse, cap: int) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > cap:
            raise OutboundError("too_large", _(TOO_LARGE) % {"cap": cap})
    return bytes(body)


def _explain(error: BaseException, host: str) -> OutboundError:
    if isinstance(error, OutboundError):
        return error
    if isinstance(error, TimeoutError):
        return OutboundError("timeout", _(TOO_LATE) % {"host": host})
    return OutboundError("unreachable", _(UNREACHABLE) % {"host": host})
