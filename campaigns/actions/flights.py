"""Deliveries on their way: in the loop where their system takes one request, each in a thread where it takes more."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeAlias

from django.db import connections
from django.utils.translation import gettext as _

from agents.base.errors import Refused
from agents.base.http.calling import NOT_BEGUN
from agents.connectors.contract import Pushed, Telling, VendorError
from agents.connectors.enums import Method, Problem
from agents.connectors.enums import Rung as Reached
from agents.fleet.enums import Vendor
from campaigns.actions.claiming import Errand

Outcome: TypeAlias = Callable[[], list[Pushed]]
"""What the agent's system said; raises what went wrong."""
Landed: TypeAlias = tuple[Errand, Outcome]


class Flights:
    """What is in the air of one worker. Used within `http.shared`."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool, self.open = pool, 0
        self._landed: SimpleQueue[Landed] = SimpleQueue()

    def start(self, errand: Errand) -> None:
        """Tells the agent, without waiting for it."""
        self.open += 1
        if telling := _telling(errand):
            telling.reply.add_done_callback(lambda _reply: self._came(errand, telling))
        else:
            self._in_thread(errand, lambda: _push(errand))

    def land(self, patience: float) -> list[Landed]:
        """What has landed: at least one, unless nothing does within so many seconds."""
        found: list[Landed] = []
        with suppress(Empty):
            found.append(self._landed.get(timeout=patience))
            while True:
                found.append(self._landed.get_nowait())
        self.open -= len(found)
        return found

    def _came(self, errand: Errand, telling: Telling) -> None:
        """Only what does not say that it is stored is read back, and that takes a thread."""
        try:
            pushed = telling.read()
        except Exception as error:
            self._landed.put((errand, lambda error=error: _raise(error)))  # type: ignore[misc]
            return
        if pushed.rung == Reached.SENT:
            self._in_thread(errand, lambda: _read_back(errand, pushed))
        else:
            self._landed.put((errand, lambda: [pushed]))

    def _in_thread(self, errand: Errand, carry: Outcome) -> None:
        future = self.pool.submit(copy_context().run, _closing, carry)
        future.add_done_callback(lambda done: self._landed.put((errand, done.result)))


def _raise(error: Exception) -> list[Pushed]:
    raise error


def _closing(carry: Outcome) -> list[Pushed]:
    try:
        return carry()
    finally:
        connections.close_all()


def _telling(errand: Errand) -> Telling | None:
    """None for what takes a thread: more than one request, or a connection whose fault comes to light there."""
    if errand.delivery.fence > 1:
        return None
    with suppress(Refused):
        key = str(errand.delivery.pk)
        return errand.adapter.tell_soon(errand.text, version_id=errand.name, key=key, until=errand.until)
    return None


def _push(errand: Errand) -> list[Pushed]:
    """Told once, and read back where that can be done. One that was tried before is looked for first."""
    delivery, adapter = errand.delivery, errand.adapter
    if time.monotonic() > errand.until:
        raise VendorError(Problem.DOWN, _(NOT_BEGUN), unsent=True)
    if delivery.rendering_id is None and adapter.vendor == Vendor.OURS:
        # What is withdrawn is simply not in its next run.
        return [Pushed(Reached.STORED, {"read_back": "next_run"}, errand.sha256)]
    if delivery.fence > 1 and adapter.can(Method.CONFIRM) and (there := adapter.confirm(errand.name, errand.text)):
        return [there]
    return _read_back(errand, adapter.push_context(errand.text, version_id=errand.name, key=str(delivery.pk)))


def _read_back(errand: Errand, pushed: Pushed) -> list[Pushed]:
    if pushed.rung != Reached.SENT or not errand.adapter.can(Method.CONFIRM):
        return [pushed]
    there = errand.adapter.confirm(errand.name, errand.text)
    return [pushed, there] if there else [pushed]
