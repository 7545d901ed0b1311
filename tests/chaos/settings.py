"""The real settings, with short clocks, for the workers that are going to die."""

from console.settings import *  # noqa: F403

INSTALLED_APPS.append("tests.chaos")  # noqa: F405
RUN_LEASE = 2
DELIVERY_LEASE = 3
