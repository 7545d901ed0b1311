"""Celery, which only wakes workers: PostgreSQL is the queue of record (design.md §3)."""

import os

from celery import Celery
from celery.signals import task_prerun, worker_init
from django.db import close_old_connections
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("rollcall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue(name) for name in ("urgent", "bulk")]  # type: ignore[no-untyped-call]
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator]
def _prepare(**_: object) -> None:
    """Import what the first model call would wait for, once, before the pool forks."""
    import agents.engine.model  # noqa: F401


@task_prerun.connect  # type: ignore[untyped-decorator]
def replace_bad_connections(**_: object) -> None:
    """A worker keeps its connection from task to task: signing in and preparing again costs more than a short run."""
    close_old_connections()
