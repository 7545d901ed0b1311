from django.urls import path

from console.pages.flows import views

urlpatterns = [
    path("flows/", views.flows, name="flows"),
    path("flows/<slug:slug>/", views.flow, name="flow"),
]
