"""The openai client's way out: the same policy under httpx2, with room for long replies."""

import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any

import httpcore2
import httpx2
import structlog

from agents.base.http.addresses import check_target
from agents.base.http.breaker import breaker
from agents.base.http.errors import OutboundError
from agents.base.http.resolve import resolve

CAP = 10_000_000
"""Bytes of one reply."""
CONNECTIONS = 20
CONNECT = 5.0
log = structlog.get_logger("http")
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


def model_client(timeout: float = 60.0) -> httpx2.Client:
    """A client for `OpenAI(http_client=…)`: `timeout` seconds for a whole call, the last byte of a stream included.

    Its errors are httpx2's, which the openai client turns into its own; a refused address is an `APIConnectionError`
    whose cause's cause is an `OutboundError`.
    """
    return httpx2.Client(
        transport=_Transport(timeout),
        timeout=httpx2.Timeout(timeout, connect=CONNECT),
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )


class _Transport(httpx2.HTTPTransport):
    def __init__(self, timeout: float) -> None:
        super().__init__(trust_env=False)
        self.timeout = timeout
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            network_backend=_Backend(),
            max_connections=CONNECTIONS,
            keepalive_expiry=15.0,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host, start = request.url.host, time.monotonic()
        deadline = start + self.timeout
        _deadline.set(deadline)
        _guard(request)
        outcome: int | str = "failed"
        try:
            response = super().handle_request(request)
            outcome = response.status_code
        except httpx2.TransportError:
            breaker.failed(host)
            raise
        finally:
            log.info("http.out", host=host, method="POST", outcome=outcome, ms=round((time.monotonic() - start) * 1000))
        (breaker.failed if response.status_code >= 500 else breaker.succeeded)(host)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise httpx2.RemoteProtocolError("The model answers compressed although it was asked not to.")
        response.stream = _Body(response.stream, deadline)
        return response


def _guard(request: httpx2.Request) -> None:
    """Refuses before anything is sent, in httpx2's words so that callers need only these."""
    url = request.url
    try:
        check_target(url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0))
        breaker.admit(url.host)
    except OutboundError as refused:
        raise httpx2.ConnectError(refused.message) from refused


class _Body(httpx2.SyncByteStream):
    """A reply that may neither outgrow the cap nor outlive the deadline."""

    def __init__(self, inner: Any, deadline: float) -> None:
        self.inner, self.deadline = inner, deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        _deadline.set(self.deadline)
        for piece in self.inner:
            size += len(piece)
            if size > CAP:
                raise httpx2.ReadError(f"The model's reply is larger than {CAP} bytes.")
            yield piece
            _deadline.set(self.deadline)

    def close(self) -> None:
        self.inner.close()


class _Backend(httpcore2.SyncBackend):
    """Resolves once, checks every address, connects to the first that answers."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = resolve(host, port)
        except OutboundError as refused:
            raise httpcore2.ConnectError(refused.message) from refused
        *others, last = addresses
        for address in others:
            try:
                return _Stream(super().connect_tcp(str(address), port, _left(timeout), local_address, socket_options))
            except httpcore2.ConnectError:
                continue
        return _Stream(super().connect_tcp(str(last), port, _left(timeout), local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    """A connection whose every wait ends with the call's deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


def _left(timeout: float | None) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("The model did not answer in time.")
    return left if timeout is None else min(left, timeout)
