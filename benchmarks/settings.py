"""The console as it runs, with the flow that only benches run."""

from console.settings import *  # noqa: F403

INSTALLED_APPS += ["benchmarks"]  # noqa: F405
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
# The manager's browser needs scripts; nobody collects files for a bench.
WHITENOISE_USE_FINDERS = True
# Nobody signs in with a password; to hash one takes a fifth of a second.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
