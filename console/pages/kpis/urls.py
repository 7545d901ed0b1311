from django.urls import path

from console.pages.kpis import minutes, report, views

urlpatterns = [
    path("kpis/", views.kpis, name="kpis"),
    path("kpis/minutes/", minutes.kpi_minutes, name="kpi-minutes"),
    path("kpis/report/", report.kpi_report, name="kpi-report"),
    path("kpis/report.csv", report.export, name="kpi-report-export"),
    path("kpis/export.csv", views.export, name="kpi-export"),
]
