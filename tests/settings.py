"""The test suite creates its database as the owner and then works as the application's role (recipes: database §4)."""

import os

os.environ["DATABASE_ROLE"] = "owner"
# Type checking and linting load the settings too, without any service.
for name, value in {
    "DATABASE_URL": "postgresql://console@127.0.0.1:1/console",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "for-tools-only",
    "ENCRYPTION_KEYS": "tools:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}.items():
    os.environ.setdefault(name, value)

from console.settings import *  # noqa: E402, F403

STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
# Without it every new test client would list all static files.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# They count in a cache that no test empties; their own test sets them.
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment]  # allauth takes either
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# What a decision brings about is there at once; tests of undoing set a grace.
DECISION_GRACE = 0
# No trace leaves a test, whatever the environment names; their own test sets a receiver.
OTLP_TRACES_ENDPOINT = ""
OTLP_METRICS_ENDPOINT = ""
# Nor is anything looked up by meaning; its own test sets an endpoint.
EMBEDDING_MODEL = ""
