from django.urls import path

from console.pages.manual import views

urlpatterns = [
    path("agents/<slug:slug>/visit/", views.visit, name="visit-vendor"),
    path("queue/manual/", views.manual_round, name="manual-round"),
    path("queue/manual/<slug:kind>/<uuid:pk>/", views.done, name="manual-done"),
]
