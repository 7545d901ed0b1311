"""A worker that is told to go tells its processes, so that they give their runs back at the next step, not by dying."""

import signal
from multiprocessing.sharedctypes import RawValue
from types import FrameType
from typing import Any

from celery.signals import worker_ready

# Made before the worker forks: its processes see what it writes.
_told = RawValue("b", 0)


@worker_ready.connect  # type: ignore[untyped-decorator]
def listen(**_signal: object) -> None:
    """Hear the signals before Celery does: its own `worker_shutting_down` comes after the grace period, too late."""
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, _telling(signal.getsignal(number)))


def stopping() -> bool:
    """Whether this worker is on its way out."""
    return bool(_told.value)


def _telling(before: Any) -> Any:
    def tell(number: int, frame: FrameType | None) -> None:
        _told.value = 1
        if callable(before):
            before(number, frame)

    return tell
