"""Every address of the console."""

from django.urls import URLPattern, URLResolver, include, path

from console import live

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("live/events/", live.events, name="live-events"),
]
