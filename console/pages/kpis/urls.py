from django.urls import path

from console.pages.kpis import costs, goals, minutes, report, thresholds, views

urlpatterns = [
    path("kpis/", views.kpis, name="kpis"),
    path("kpis/minutes/", minutes.kpi_minutes, name="kpi-minutes"),
    path("kpis/costs/", costs.kpi_costs, name="kpi-costs"),
    path("kpis/costs/<uuid:pk>/accept/", costs.cost_accept, name="kpi-cost-accept"),
    path("kpis/costs/<uuid:pk>/dismiss/", costs.cost_dismiss, name="kpi-cost-dismiss"),
    path("kpis/goals/", goals.kpi_goals, name="kpi-goals"),
    path("kpis/goals/set/", goals.goal_set, name="kpi-goal-set"),
    path("kpis/goals/<uuid:pk>/close/", goals.goal_close, name="kpi-goal-close"),
    path("kpis/thresholds/", thresholds.kpi_thresholds, name="kpi-thresholds"),
    path("kpis/thresholds/set/", thresholds.threshold_set, name="kpi-threshold-set"),
    path("kpis/thresholds/<uuid:pk>/end/", thresholds.threshold_end, name="kpi-threshold-end"),
    path("kpis/report/", report.kpi_report, name="kpi-report"),
    path("kpis/report.csv", report.export, name="kpi-report-export"),
    path("kpis/export.csv", views.export, name="kpi-export"),
]
