from django.urls import path

from console.pages.segments import views

urlpatterns = [
    path("segments/", views.segments, name="segments"),
    path("segments/change/", views.change, name="segments-change"),
]
