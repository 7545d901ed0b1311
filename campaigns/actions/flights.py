"""Deliveries on their way: in the loop where their system takes one request, each in a thread where it takes more."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeAlias

from django.db import connections

from agents.base.errors import Refused
from agents.connectors.contract import Adapter, Pushed, Telling
from agents.connectors.enums import Method
from agents.connectors.enums import Rung as Reached
from agents.connectors.models import Connection
from agents.connectors.registry import of
from agents.fleet.enums import Vendor
from campaigns.models import Delivery

Outcome: TypeAlias = Callable[[], list[Pushed]]
"""What the agent's system said; raises what went wrong."""
Landed: TypeAlias = tuple[Delivery, Outcome]


class Flights:
    """What is in the air of one worker. Used within `http.shared`."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool, self.open = pool, 0
        self._landed: SimpleQueue[Landed] = SimpleQueue()

    def start(self, delivery: Delivery, link: Connection | None) -> None:
        """Tells the agent, without waiting for it."""
        self.open += 1
        adapter = of(delivery.agent, link)
        if telling := _telling(delivery, adapter):
            telling.reply.add_done_callback(lambda _reply: self._came(delivery, adapter, telling))
        else:
            self._in_thread(delivery, lambda: _push(delivery, adapter))

    def land(self, patience: float) -> list[Landed]:
        """What has landed: at least one, unless nothing does within so many seconds."""
        found: list[Landed] = []
        with suppress(Empty):
            found.append(self._landed.get(timeout=patience))
            while True:
                found.append(self._landed.get_nowait())
        self.open -= len(found)
        return found

    def _came(self, delivery: Delivery, adapter: Adapter, telling: Telling) -> None:
        """Only what does not say that it is stored is read back, and that takes a thread."""
        try:
            pushed = telling.read()
        except Exception as error:
            self._landed.put((delivery, lambda error=error: _raise(error)))  # type: ignore[misc]
            return
        if pushed.rung == Reached.SENT:
            self._in_thread(delivery, lambda: _read_back(delivery, adapter, pushed))
        else:
            self._landed.put((delivery, lambda: [pushed]))

    def _in_thread(self, delivery: Delivery, carry: Outcome) -> None:
        future = self.pool.submit(copy_context().run, _closing, carry)
        future.add_done_callback(lambda done: self._landed.put((delivery, done.result)))


def _raise(error: Exception) -> list[Pushed]:
    raise error


def _closing(carry: Outcome) -> list[Pushed]:
    try:
        return carry()
    finally:
        connections.close_all()


def _telling(delivery: Delivery, adapter: Adapter) -> Telling | None:
    """None for what takes a thread: more than one request, or a connection whose fault comes to light there."""
    if delivery.fence > 1:
        return None
    with suppress(Refused):
        return adapter.tell_soon(delivery.text, version_id=_name(delivery), key=str(delivery.pk))
    return None


def _push(delivery: Delivery, adapter: Adapter) -> list[Pushed]:
    """Told once, and read back where that can be done. One that was tried before is looked for first."""
    if delivery.rendering is None and adapter.vendor == Vendor.OURS:
        # What is withdrawn is simply not in its next run.
        return [Pushed(Reached.STORED, {"read_back": "next_run"}, delivery.sha256)]
    if (
        delivery.fence > 1
        and adapter.can(Method.CONFIRM)
        and (there := adapter.confirm(_name(delivery), delivery.text))
    ):
        return [there]
    return _read_back(
        delivery, adapter, adapter.push_context(delivery.text, version_id=_name(delivery), key=str(delivery.pk))
    )


def _read_back(delivery: Delivery, adapter: Adapter, pushed: Pushed) -> list[Pushed]:
    if pushed.rung != Reached.SENT or not adapter.can(Method.CONFIRM):
        return [pushed]
    there = adapter.confirm(_name(delivery), delivery.text)
    return [pushed, there] if there else [pushed]


def _name(delivery: Delivery) -> str:
    return str(delivery.broadcast.version_id or delivery.broadcast_id)
