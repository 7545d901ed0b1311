from django.urls import path

from console.pages.kpis import minutes, views

urlpatterns = [
    path("kpis/", views.kpis, name="kpis"),
    path("kpis/minutes/", minutes.kpi_minutes, name="kpi-minutes"),
    path("kpis/export.csv", views.export, name="kpi-export"),
]
