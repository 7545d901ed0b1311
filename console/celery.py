"""Celery, which only wakes workers: PostgreSQL is the queue of record (design.md §3)."""

import os

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

app = Celery("rollcall")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue("urgent"), Queue("bulk")]
app.autodiscover_tasks()
