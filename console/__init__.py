"""The project and the pane. Importing it makes ours Celery's `current_app`: no `shared_task` meets a default broker."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
