"""A span as OTLP brings it, and the same whether it came as protobuf or as JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

ERROR = 2
"""The status code of a span that failed."""
LONGEST = 100_000
"""Characters of one text that are kept; what is cut off is counted."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_NS = 253_402_300_799 * 10**9
"""The end of the year 9999: what Python can tell."""


class Garbled(ValueError):
    """Not OTLP's protobuf, or cut off."""


class BadSpan(ValueError):
    """This span cannot be taken; the others of its request can."""


@dataclass(frozen=True, slots=True)
class Span:
    """Ids in hex (`parent_id` empty: the trace's first span), times in nanoseconds since 1970 (0: not told).

    `resource` describes whoever sent it; `error` says why it failed, where it did and somebody said why.
    """

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    start_ns: int
    end_ns: int
    failed: bool
    error: str
    attributes: dict[str, Any]
    resource: dict[str, Any]

    def __post_init__(self) -> None:
        for value, length, what in ((self.trace_id, 32, "trace id"), (self.span_id, 16, "span id")):
            if len(value) != length or not value.strip("0"):
                raise BadSpan(f"a {what} has {length // 2} bytes that are not all zero")
        if not 0 <= self.start_ns <= LAST_NS or not 0 <= self.end_ns <= LAST_NS:
            raise BadSpan("a time that is none")

    @property
    def is_root(self) -> bool:
        """Whether it tells of the whole trace."""
        return not self.parent_id.strip("0")

    @property
    def started_at(self) -> datetime | None:
        return _moment(self.start_ns)

    @property
    def finished_at(self) -> datetime | None:
        return _moment(self.end_ns)


@dataclass
class Heard:
    """What one request brought: its spans, how many of them cannot be taken, and why the first of those."""

    spans: list[Span]
    rejected: int = 0
    why: str = ""

    def reject(self, why: str, count: int = 1) -> None:
        """Count what cannot be taken; the first reason is told."""
        self.rejected += count
        self.why = self.why or why


def _moment(ns: int) -> datetime | None:
    return EPOCH + timedelta(microseconds=ns // 1000) if ns else None
