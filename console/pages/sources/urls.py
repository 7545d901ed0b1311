from django.urls import path

from console.pages.sources import views

urlpatterns = [
    path("settings/sources/", views.sources_page, name="sources"),
    path("settings/sources/new/", views.new_source, name="new-source"),
    path("settings/sources/<uuid:pk>/rotate/", views.rotate, name="rotate-source"),
    path("settings/sources/<uuid:pk>/pause/", views.pause, name="pause-source"),
    path("settings/sources/<uuid:pk>/map/", views.map_agent, name="map-agent"),
    path("settings/sources/events/<uuid:pk>/replay/", views.replay_event, name="replay-event"),
]
