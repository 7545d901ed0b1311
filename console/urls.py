"""Every address of the console: one line a page, each page has its own list."""

from django.urls import URLPattern, URLResolver, include, path

from console import live

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("console.pages.today.urls")),
    path("accounts/", include("allauth.urls")),
    path("live/events/", live.events, name="live-events"),
]
