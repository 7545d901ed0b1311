"""Names are looked up once, every address is checked, and the connection goes to a checked address, not to the name."""

import asyncio
import ipaddress
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late

from aiohttp.abc import AbstractResolver, ResolveResult
from django.utils.translation import gettext as _

from agents.base.http.addresses import Address, allowed, check_addresses, literal
from agents.base.http.errors import OutboundError
from agents.base.phrases import phrase

PATIENCE = 5.0
"""Seconds for a name to resolve; the C library itself may take half a minute."""
THREADS = 16
TOO_LATE = phrase("The name %(host)s does not resolve in time.")
UNKNOWN = phrase("The name %(host)s does not resolve.")
_pool = ThreadPoolExecutor(THREADS, "resolve")


def _renew() -> None:
    """A forked child has the pool but not its threads."""
    global _pool
    _pool = ThreadPoolExecutor(THREADS, "resolve")


os.register_at_fork(after_in_child=_renew)


def look_up(host: str, port: int) -> list[Address]:
    """Asks the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(str(sockaddr[0])) for *_rest, sockaddr in found))


def resolve(host: str, port: int) -> list[Address]:
    """The checked addresses of a host; raises `OutboundError`: "blocked_address", "unreachable" or "timeout"."""
    address = literal(host)
    try:
        addresses = [address] if address else _pool.submit(look_up, host, port).result(PATIENCE)
    except Late:
        raise OutboundError("timeout", _(TOO_LATE) % {"host": host}) from None
    except (OSError, UnicodeError):
        raise OutboundError("unreachable", _(UNKNOWN) % {"host": host}) from None
    if not allowed(host, port):
        check_addresses(addresses)
    return addresses


class CheckedResolver(AbstractResolver):
    """The same for aiohttp."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await asyncio.get_running_loop().run_in_executor(None, resolve, host, port)
        return [_result(host, port, address) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


def _result(host: str, port: int, address: Address) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
