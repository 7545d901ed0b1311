"""Settings come from the environment; what it lacks, `.local/state.json` of the local supervisor supplies."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from console.supervisor import state

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = {**state.load(), **os.environ}


def need(name: str) -> str:
    """The value of a variable that must be there; a plain sentence otherwise."""
    if value := ENV.get(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set: start everything with `make up`, or set it in the environment.")


def flag(name: str, default: bool) -> bool:
    return ENV.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def listed(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in ENV.get(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:port/name.")
    # Migrations send several statements at once, which cannot be prepared.
    migrates = ENV.get("DATABASE_ROLE") == "owner"
    options: dict[str, Any] = {"server_side_binding": True, "prepare_threshold": None if migrates else 0}
    pooled = flag("DATABASE_POOL", False)
    if pooled:
        options["pool"] = {"min_size": 2, "max_size": 14, "timeout": 5}
    return {
        "ENGINE": "agents.base.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pooled else 600,
        "CONN_HEALTH_CHECKS": not pooled,
    }


SECRET_KEY = need("SECRET_KEY")
ENCRYPTION_KEYS = need("ENCRYPTION_KEYS")
DEBUG = False
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "127.0.0.1,localhost")
HTTPS = flag("HTTPS", False)
EGRESS_ALLOW = listed("EGRESS_ALLOW")
# By OpenTelemetry's own names; without an endpoint no trace leaves. Values of headers are percent-encoded.
OTLP_ENDPOINT = ENV.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").rstrip("/")
OTLP_TRACES_ENDPOINT = ENV.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or (OTLP_ENDPOINT and f"{OTLP_ENDPOINT}/v1/traces")
OTLP_METRICS_ENDPOINT = ENV.get("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") or (
    OTLP_ENDPOINT and f"{OTLP_ENDPOINT}/v1/metrics"
)
OTLP_HEADERS = {
    name.strip(): unquote(value.strip())
    for name, _, value in (pair.partition("=") for pair in listed("OTEL_EXPORTER_OTLP_HEADERS"))
}
OPENAI_BASE_URL = ENV.get("OPENAI_BASE_URL", "https://api.openai.com/v1")
OPENAI_API_KEY = ENV.get("OPENAI_API_KEY", "")
# Without a model nothing is looked up by meaning. The price: micro-units of USD for a million tokens.
EMBEDDING_MODEL = ENV.get("EMBEDDING_MODEL", "")
EMBEDDING_BASE_URL = ENV.get("EMBEDDING_BASE_URL", OPENAI_BASE_URL)
EMBEDDING_API_KEY = ENV.get("EMBEDDING_API_KEY", OPENAI_API_KEY)
EMBEDDING_PRICE_MICROS = round(10**6 * float(need("EMBEDDING_PRICE"))) if EMBEDDING_MODEL else 0
# Where the stand-in model listens; answers from there are named a rehearsal wherever they are shown.
REHEARSAL_URL = ENV.get("REHEARSAL_URL", "")
MODEL_IS_REHEARSAL = bool(REHEARSAL_URL) and OPENAI_BASE_URL.startswith(REHEARSAL_URL)
# Proves, on first use without demo, that whoever opens /setup/ also started the console.
SETUP_CODE = ENV.get("SETUP_CODE", "")
AUDIT_HEAD_FILE = ENV.get("AUDIT_HEAD_FILE", str(state.directory() / "audit-heads.jsonl"))

APP_URL = need("DATABASE_URL")
OWNER_URL = ENV.get("DATABASE_OWNER_URL", APP_URL)
APP_USER, OWNER_USER = (urlsplit(url).username for url in (APP_URL, OWNER_URL))
DATABASE_APP_ROLE = APP_USER if APP_USER != OWNER_USER else None
DATABASES = {"default": database(OWNER_URL if ENV.get("DATABASE_ROLE") == "owner" else APP_URL)}
REDIS_URL = need("REDIS_URL")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_structlog",
    "guardian",
    "heroicons",
    "template_partials",
    "agents.base",
    "audit",
    "agents.people",
    "agents.fleet",
    "agents.runs",
    "agents.flows",
    "agents.connectors",
    "agents.channels",
    "campaigns",
    "console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "console.middleware.RequestIdMiddleware",
    "console.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "console.middleware.PersonMiddleware",
    "console.middleware.SignInMiddleware",
    "console.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "console.urls"
ASGI_APPLICATION = "console.asgi.application"
WSGI_APPLICATION = "console.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.context_processors.pane",
            ],
        },
    },
]

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "console.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# Not by account: whoever guesses from elsewhere must not keep its person out. Account and address: axes, below.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_TOLERANCE = 1  # a code typed as it changes is still good (RFC 6238, 5.2)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "console.accounts.tried_address"
AXES_VERBOSE = False
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
ANONYMOUS_USER_NAME = None
# W001 wants guardian's backend; permissions are asked by agents_for() alone (design.md §1).
# An e-mail address is unique whatever its case: a constraint the check does not see.
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "auth.W004"]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
SESSION_ENGINE = "console.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")
CSRF_FAILURE_VIEW = "console.errors.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("pt-br", _("Brazilian Portuguese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "console.formats"
TIME_ZONE = "UTC"
USE_TZ = True

NODE_MODULES = BASE_DIR / "node_modules"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/tabler", NODE_MODULES / "@tabler/core/dist"),
    ("vendor/plotly", NODE_MODULES / "plotly.js-basic-dist-min"),
    ("vendor/inter", NODE_MODULES / "@fontsource-variable/inter"),
]
VENDOR_FILES = {
    "vendor/tabler": ["css/tabler.min.css", "js/tabler.min.js"],
    "vendor/plotly": ["plotly-basic.min.js"],
    "vendor/inter": ["wght.css", "files/inter-*-wght-normal.woff2"],
}
STATICFILES_FINDERS = ["console.static.VendorFinder", "django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "console.static.Storage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# node_modules may be absent (a machine that only runs workers); the finder answers with nothing then.
SILENCED_SYSTEM_CHECKS += ["staticfiles.W004"]

# Only allauth's rate limits use it: in Redis, nobody could sign in while Redis is away. The lock-out (axes) is in rows.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Apart: what was said in the trail this minute must not push the counts of the rate limits out.
    "moments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "moments"},
}

# guarantees.md, "Celery settings to start from": each line has its reason there.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # No copy is kept of a message that was taken: the row is the truth, and what is lost is sent again by the sweeper.
    "ack_emulation": False,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": "rollcall:",
}
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_TASK_DEFAULT_QUEUE = "bulk"
CELERY_TASK_PUBLISH_RETRY = False
# The next wake-up is at hand when a run ends; one held behind long runs is sent again by the sweeper.
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 840
CELERY_TASK_SOFT_TIME_LIMIT = 780
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_DB_REUSE_MAX = 2**31  # never; console.celery replaces connections that are old or broken
CELERY_ACCEPT_CONTENT = ["json"]
# A tick that nobody took before the next one is due is dropped: after an outage, one is enough.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "runs.sweep", "schedule": 10.0, "options": {"queue": "urgent", "expires": 10.0}},
    "schedules": {"task": "runs.fire_schedules", "schedule": 20.0, "options": {"queue": "urgent", "expires": 20.0}},
    "canaries": {"task": "runs.send_canaries", "schedule": 15.0, "options": {"queue": "urgent", "expires": 15.0}},
    "reviews": {"task": "runs.open_reviews", "schedule": 300.0, "options": {"queue": "bulk", "expires": 300.0}},
    "assess": {"task": "runs.assess", "schedule": 30.0, "options": {"queue": "bulk", "expires": 30.0}},
    "rank": {"task": "runs.rank", "schedule": 86400.0, "options": {"queue": "bulk", "expires": 3600.0}},
    "measure": {"task": "kpis.measure", "schedule": 3600.0, "options": {"queue": "bulk", "expires": 3600.0}},
    "defer": {"task": "kpis.defer", "schedule": 600.0, "options": {"queue": "bulk", "expires": 600.0}},
    "relay": {"task": "base.relay", "schedule": 10.0, "options": {"queue": "urgent", "expires": 10.0}},
    "forget": {"task": "base.forget", "schedule": 3600.0, "options": {"queue": "urgent", "expires": 3600.0}},
    "deliver": {"task": "campaigns.sweep", "schedule": 10.0, "options": {"queue": "urgent", "expires": 10.0}},
    "look": {"task": "campaigns.look", "schedule": 60.0, "options": {"queue": "bulk", "expires": 60.0}},
    "hear": {"task": "channels.hear", "schedule": 60.0, "options": {"queue": "bulk", "expires": 60.0}},
    "inbox": {"task": "connectors.parse_due", "schedule": 10.0, "options": {"queue": "urgent", "expires": 10.0}},
    "sync": {"task": "connectors.sync_due", "schedule": 60.0, "options": {"queue": "urgent", "expires": 60.0}},
    "tend": {"task": "connectors.tend", "schedule": 300.0, "options": {"queue": "bulk", "expires": 300.0}},
    "seal": {"task": "audit.seal", "schedule": 5.0, "options": {"queue": "urgent", "expires": 10.0}},
}
if OTLP_METRICS_ENDPOINT:
    CELERY_BEAT_SCHEDULE |= {
        "meter": {"task": "runs.meter", "schedule": 60.0, "options": {"queue": "bulk", "expires": 60.0}}
    }
if EMBEDDING_MODEL:
    CELERY_BEAT_SCHEDULE |= {
        "embed": {"task": "fleet.embed", "schedule": 60.0, "options": {"queue": "bulk", "expires": 60.0}}
    }

# Seconds. A worker that dies is noticed after LEASE; the sweeper re-publishes what nobody took.
RUN_LEASE = int(ENV.get("RUN_LEASE", "60"))
# Longer than waiting for a place and a vendor's answers may take: what comes back later went to another worker.
DELIVERY_LEASE = int(ENV.get("DELIVERY_LEASE", "45"))
RUN_YIELD = int(ENV.get("RUN_YIELD", "600"))
# How long a person's decision can be undone before its effect leaves.
DECISION_GRACE = 10

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if ENV.get("EMAIL_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = ENV.get("EMAIL_HOST", "")
EMAIL_PORT = int(ENV.get("EMAIL_PORT", "587"))
EMAIL_USE_TLS = True

from console.logs import LOGGING  # noqa: E402, F401  # last: it configures structlog
