"""The heartbeat: a thread that renews the lease during long calls and hears what people want meanwhile."""

import logging
import threading
from types import TracebackType

from django.conf import settings
from django.db import Error, connection

from agents.runs.execution.journal import PgJournal
from agents.runs.status import look

FIRST_S = 1.0
log = logging.getLogger(__name__)
RENEW = """
UPDATE runs_run r SET lease_until = now() + make_interval(secs => %s) FROM fleet_agent a
WHERE r.id = %s AND r.fence = %s AND r.state = 'running' AND a.id = r.agent_id RETURNING r.signal, a.lifecycle
"""


class Heartbeat(threading.Thread):
    """Beats three times a lease while its `with` block runs; a run that is over within a second costs no beat.

    With the first beat the agent is seen running. Shorter runs are not shown as such: two writes each, and many of one
    agent would wait for each other at its row.
    """

    def __init__(self, journal: PgJournal) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.journal = journal
        self.over = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.join()

    def run(self) -> None:
        if self.over.wait(min(FIRST_S, settings.RUN_LEASE / 3)):
            return
        try:
            self.beat(first=True)
            while not self.over.wait(settings.RUN_LEASE / 3):
                self.beat()
        finally:
            connection.close()

    def beat(self, *, first: bool = False) -> None:
        """Renew; what cannot be renewed is found out by the driver's next write."""
        run = self.journal.run
        try:
            with connection.cursor() as cursor:
                cursor.execute(RENEW, [settings.RUN_LEASE, run.pk, run.fence])
                row = cursor.fetchone()
            if row:
                self.journal.hear(*row)
            if row and first:
                look(run.agent)
        except Error as error:
            log.warning("The lease of run %s was not renewed: %s", run.pk, error)
            connection.close()
