"""When the database goes away in the middle of a run: come back to it once and give the run back, not a death."""

import logging
import time

from django.db import Error, OperationalError, connection, transaction

from agents.runs import verbs, wording
from agents.runs.enums import RunState
from agents.runs.models import Run
from agents.runs.transitions import leave, publish, recount

log = logging.getLogger(__name__)
PATIENCE_S = 20.0
"""How long a restarting database is waited for; longer ones cost the run its lease."""
PAUSE_S = 0.5


def give_back(run: Run, error: Error) -> None:
    """Queue the run again under its fence, this claim not counted. Raises LeaseLost when another holds it by now.

    Raises `error` when the connection is not lost (a deadlock), and OperationalError when nobody answers: then the
    sweeper collects the run.
    """
    if connection.is_usable():
        raise error
    log.warning("Run %s lost the database: %s", run.pk, error)
    _reconnect()
    with transaction.atomic():
        deaths = Run.objects.select_for_update(no_key=True).values_list("attempt", flat=True).filter(pk=run.pk).first()
        leave(run, RunState.QUEUED, verbs.RUN_YIELDED, reason=wording.LOST_DATABASE)
        Run.objects.filter(pk=run.pk).update(attempt=max((deaths or 0) - 1, 0))
        recount(run)
        publish(run)


def _reconnect() -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        connection.close()
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_S)
