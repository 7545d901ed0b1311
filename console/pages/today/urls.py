from django.urls import path

from console.pages.today import views

urlpatterns = [
    path("", views.today, name="today"),
    path("put-off/back/", views.take_back_deferred, name="today-take-back"),
]
