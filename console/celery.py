"""Celery, which only wakes workers: PostgreSQL is the queue of record (design.md §3)."""

import gc
import os
import time

from celery import Celery
from celery.signals import import_modules, task_postrun, task_prerun, worker_init
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils.log import configure_logging
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

FRESH_S = 1.0
"""A connection that a task used so lately is not asked whether it still answers."""
_used_at = 0.0

app = Celery("rollcall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in ("urgent", "bulk")]  # type: ignore[no-untyped-call]
app.autodiscover_tasks()
clock = Celery("rollcall-clock", fixups=[], set_as_current=False)
"""Beat's own: it sends tasks by their names, so it loads neither them nor Django, which is most of a start."""
clock.config_from_object("django.conf:settings", namespace="CELERY")


@import_modules.connect(sender=clock)  # type: ignore[untyped-decorator]
def _log_like_the_others(**_: object) -> None:
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@worker_init.connect  # type: ignore[untyped-decorator]
def _prepare(**_: object) -> None:
    """Import what the first model call would wait for, once, before the pool forks. Nothing imported is ever garbage:
    going through all of it again and again took a third of a fan-out.
    """
    import agents.engine.model  # noqa: F401

    gc.freeze()
    gc.set_threshold(10_000)


@task_prerun.connect  # type: ignore[untyped-decorator]
def replace_bad_connections(**_: object) -> None:
    """A worker keeps its connection from task to task: signing in and preparing again costs more than a short run."""
    close_old_connections()
    connection.health_check_done = time.monotonic() - _used_at < FRESH_S  # type: ignore[attr-defined]  # not in stubs


@task_postrun.connect  # type: ignore[untyped-decorator]
def note_use(**_: object) -> None:
    """The connection has answered until now, or is marked as broken."""
    global _used_at
    _used_at = time.monotonic()
