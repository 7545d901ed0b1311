"""What one request or run did belongs together: its ids travel in context variables, into logs and the trail."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from agents.base.ids import uuid7

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_correlation_id: ContextVar[uuid.UUID | None] = ContextVar("correlation_id", default=None)


def request_id() -> str:
    """The id shown to the person in an error, or "" outside a request."""
    return _request_id.get()


def correlation_id() -> uuid.UUID:
    """The id that groups every audit event of one run (the run's own id) or one request; a fresh one outside both."""
    return _correlation_id.get() or uuid7()


@contextmanager
def correlate(correlation: uuid.UUID, request: str = "") -> Iterator[None]:
    """Everything recorded inside carries these ids."""
    tokens = _correlation_id.set(correlation), _request_id.set(request)
    try:
        yield
    finally:
        _correlation_id.reset(tokens[0])
        _request_id.reset(tokens[1])


def about(run_id: uuid.UUID | None) -> AbstractContextManager[None]:
    """Everything recorded inside belongs to this run, whoever's request it is; where there is none, to the request."""
    return correlate(run_id or correlation_id(), request_id())
