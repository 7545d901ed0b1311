from django.urls import path

from console.pages.setup import views

urlpatterns = [path("setup/", views.setup, name="setup")]
