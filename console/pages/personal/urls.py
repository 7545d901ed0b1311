from django.urls import path

from console.pages.personal import views

urlpatterns = [path("personal/reveal/", views.reveal, name="reveal-personal")]
