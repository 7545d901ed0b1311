from django.urls import path

from console.pages.kpis import views

urlpatterns = [path("kpis/", views.kpis, name="kpis")]
