from django.urls import path

from console.pages.exceptions import caps, inbox, policies, views

urlpatterns = [
    path("exceptions/", inbox.exceptions, name="exceptions"),
    path("exceptions/escalation/", policies.escalation, name="escalation"),
    path("exceptions/<uuid:pk>/", views.exception, name="exception"),
    path("exceptions/<uuid:pk>/decide/", views.decide, name="exception-decide"),
    path("exceptions/<uuid:pk>/cap/", caps.raise_cap, name="exception-cap"),
]
