"""One breaker a host: after ten failures in a row nobody calls it for a while, then one probe does."""

import threading
import time
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agents.base.http.errors import OutboundError
from agents.base.phrases import phrase

FAILURES = 10
REST = 30.0
"""Seconds between opening and the next probe."""
RESTS = phrase("%(host)s keeps failing; it is left alone for a moment.")


@dataclass
class _State:
    failures: int = 0
    probe_at: float = 0.0


class Breaker:
    """Counts failures per host in this process; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def admit(self, host: str) -> None:
        """Raises `OutboundError` ("breaker_open") while the host rests; the first caller after that is the probe."""
        now = time.monotonic()
        with self._lock:
            state = self._states.get(host)
            if state is None or state.failures < FAILURES:
                return
            if now < state.probe_at:
                raise OutboundError("breaker_open", _(RESTS) % {"host": host})
            state.probe_at = now + REST

    def succeeded(self, host: str) -> None:
        with self._lock:
            self._states.pop(host, None)

    def failed(self, host: str) -> None:
        with self._lock:
            state = self._states.setdefault(host, _State())
            state.failures += 1
            state.probe_at = time.monotonic() + REST


breaker = Breaker()
