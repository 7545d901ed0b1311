"""The heartbeat renews the lease during long calls, from a thread, and hears what people want meanwhile."""

import logging
import os
import threading
import time
from functools import lru_cache
from types import TracebackType

from django.conf import settings
from django.db import connection

from agents.runs.execution.journal import PgJournal
from agents.runs.models.runs import RUNNING
from agents.runs.status import look

FIRST_S, TICK_S = 1.0, 0.2
log = logging.getLogger(__name__)
RENEW = f"""
UPDATE runs_run r SET lease_until = now() + make_interval(secs => %s), steps_done = greatest(steps_done, %s)
FROM fleet_agent a
WHERE r.id = %s AND r.fence = %s AND {RUNNING} AND a.id = r.agent_id RETURNING r.signal, a.lifecycle
"""


class Heartbeat:
    """Beats three times a lease while its `with` block runs; a run that is over within a second costs no beat.

    With the first beat the agent is seen running. Shorter runs are not shown as such: two writes each, and many of one
    agent would wait for each other at its row.
    """

    def __init__(self, journal: PgJournal) -> None:
        self.journal = journal
        self.beats = 0
        self.due = time.monotonic() + min(FIRST_S, settings.RUN_LEASE / 3)
        self.over = False
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        self.pulse = _pulse(os.getpid())
        self.pulse.hearts.append(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.pulse.hearts.remove(self)
        with self.lock:  # a beat under way comes first
            self.over = True

    def beat_if_due(self) -> None:
        with self.lock:
            if not self.over and time.monotonic() >= self.due:
                self.beat(first=not self.beats)
                self.beats += 1
                self.due = time.monotonic() + settings.RUN_LEASE / 3

    def beat(self, *, first: bool = False) -> None:
        """Renew; what cannot be renewed is found out by the driver's next write."""
        run = self.journal.run
        try:
            with connection.cursor() as cursor:
                cursor.execute(RENEW, [settings.RUN_LEASE, run.steps_done, run.pk, run.fence])
                row = cursor.fetchone()
            if row:
                self.journal.hear(*row)
            if row and first:
                look(run.agent)
        except Exception as error:  # or nobody in this process would renew a lease again
            log.warning("The lease of run %s was not renewed: %s", run.pk, error)
            connection.close()


class _Pulse(threading.Thread):
    """Looks after all hearts of a process: a thread for each would cost a short run more than its claim."""

    def __init__(self) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.hearts: list[Heartbeat] = []

    def run(self) -> None:
        while True:
            time.sleep(TICK_S)
            for heart in tuple(self.hearts):
                heart.beat_if_due()
            if not self.hearts:
                connection.close()


@lru_cache(1)
def _pulse(process: int) -> _Pulse:
    """Of this process: a thread does not outlive a fork."""
    pulse = _Pulse()
    pulse.start()
    return pulse
