"""The project and the pane. Importing it makes ours Celery's `current_app`: no `shared_task` meets a default broker."""

import gc

gc.set_threshold(100_000)  # hardly anything is garbage before all is imported; looking for it is a tenth of a start

from console.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
