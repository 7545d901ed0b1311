from django.urls import path

from console.pages.models import views

urlpatterns = [
    path("settings/models/", views.models_page, name="models"),
    path("settings/models/add/", views.add, name="add-model"),
    path("settings/models/<uuid:pk>/end/", views.end, name="end-model"),
]
