from django.urls import path

from console.pages.flows import assigning, composing, roles, terms, views

urlpatterns = [
    path("flows/", views.flows, name="flows"),
    path("flows/roles/", roles.roles, name="roles"),
    path("flows/new/", composing.compose, name="flow-new"),
    path("flows/<slug:slug>/assign/", assigning.assign, name="flow-assign"),
    path("flows/<slug:slug>/edit/", composing.compose, name="flow-edit"),
    path("flows/<slug:slug>/", views.flow, name="flow"),
    path("flows/<slug:slug>/terms/", terms.flow_terms, name="flow-terms"),
]
