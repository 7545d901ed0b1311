from django.urls import path

from console.pages.owners import away, hours, views

urlpatterns = [
    path("owners/", views.owners, name="owners"),
    path("owners/assign/", views.assign, name="assign-owners"),
    path("owners/hours/", hours.hours, name="hours"),
    path("owners/away/", away.away, name="absences"),
    path("owners/away/declare/", away.declare, name="absence-declare"),
    path("owners/away/<uuid:pk>/end/", away.end, name="absence-end"),
]
