from django.urls import path

from console.pages.runs import again, listing, starting, views, what_ifs

urlpatterns = [
    path("runs/", listing.runs, name="runs"),
    path("runs/<uuid:pk>/", views.run, name="run"),
    path("runs/<uuid:pk>/replay/", again.replay, name="run-replay"),
    path("runs/<uuid:pk>/what-if/", what_ifs.what_if, name="run-what-if"),
    path("runs/<uuid:pk>/again/", views.again, name="run-again"),
    path("runs/<uuid:pk>/pause/", views.pause, name="run-pause"),
    path("runs/<uuid:pk>/resume/", views.resume, name="run-resume"),
    path("runs/<uuid:pk>/cancel/", views.cancel, name="run-cancel"),
    path("runs/<uuid:pk>/release/", views.release, name="run-release"),
    path("runs/<uuid:pk>/wrong/", views.wrong, name="run-wrong"),
    path("runs/<uuid:pk>/rating/", views.rated, name="run-rating"),
    path("agents/<slug:slug>/runs/new/", starting.new, name="run-new"),
    path("agents/<slug:slug>/runs/preview/", starting.preview, name="run-preview"),
    path("agents/<slug:slug>/runs/import/", starting.take_in, name="run-import"),
]
