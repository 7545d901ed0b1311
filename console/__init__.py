"""The project and the pane. Importing it binds Celery's `current_app` to ours: no `shared_task` meets a default broker."""

from console.celery import app as celery_app

__all__ = ["celery_app"]
