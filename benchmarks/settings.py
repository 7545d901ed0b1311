"""The console as it runs, with the flow that only benches run."""

from console.settings import *  # noqa: F403

INSTALLED_APPS += ["benchmarks"]  # noqa: F405
