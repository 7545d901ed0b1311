from django.urls import path

from console.pages.flows import terms, views

urlpatterns = [
    path("flows/", views.flows, name="flows"),
    path("flows/<slug:slug>/", views.flow, name="flow"),
    path("flows/<slug:slug>/terms/", terms.flow_terms, name="flow-terms"),
]
