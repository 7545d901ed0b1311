"""Every address of the console: one line a page, each page has its own list."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from console import health, live
from console.pages.people.credentials import forgotten

PAGES = [
    "today",
    "manual",
    "queue",
    "kpis",
    "agents",
    "one_on_one",
    "runs",
    "exceptions",
    "flows",
    "campaigns",
    "segments",
    "owners",
    "people",
    "personal",
    "audit",
    "settings",
    "setup",
    "sources",
    "ranking",
    "policy",
    "models",
]

urlpatterns: list[URLPattern | URLResolver] = [
    *(path("", include(f"console.pages.{page}.urls")) for page in PAGES),
    # Who somebody is does not change by a form of their own: sign-in addresses belong to the team's administrator.
    path("accounts/email/", RedirectView.as_view(pattern_name="settings")),
    path("accounts/password/reset/", forgotten, name="account_reset_password"),
    path("accounts/", include("allauth.urls")),
    path("api/", include("console.api.urls")),
    path("", include("console.hooks_in.urls")),
    path("", include("console.otel_in.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("live/events/", live.events, name="live-events"),
]

handler400 = "console.errors.bad_request"
handler403 = "console.errors.forbidden"
handler404 = "console.errors.not_found"
handler500 = "console.errors.server_error"
