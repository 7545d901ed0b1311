from django.urls import path

from console.pages.owners import away, views

urlpatterns = [
    path("owners/", views.owners, name="owners"),
    path("owners/assign/", views.assign, name="assign-owners"),
    path("owners/away/", away.away, name="absences"),
    path("owners/away/declare/", away.declare, name="absence-declare"),
    path("owners/away/<uuid:pk>/end/", away.end, name="absence-end"),
]
