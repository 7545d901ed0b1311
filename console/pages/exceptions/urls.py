from django.urls import path

from console.pages.exceptions import bypasses, caps, inbox, incidents, policies, runbooks, views

urlpatterns = [
    path("exceptions/", inbox.exceptions, name="exceptions"),
    path("exceptions/escalation/", policies.escalation, name="escalation"),
    path("exceptions/bypasses/", bypasses.bypass_page, name="bypasses"),
    path("exceptions/bypasses/<uuid:pk>/end/", bypasses.end, name="bypass-end"),
    path("exceptions/runbooks/", runbooks.runbooks, name="runbooks"),
    path("exceptions/incidents/", incidents.incidents, name="incidents"),
    path("exceptions/incidents/<uuid:pk>/", incidents.incident, name="incident"),
    path("exceptions/incidents/<uuid:pk>/note/", incidents.note, name="incident-note"),
    path("exceptions/incidents/<uuid:pk>/tick/", incidents.tick, name="incident-tick"),
    path("exceptions/incidents/<uuid:pk>/severity/", incidents.rate, name="incident-rate"),
    path("exceptions/incidents/<uuid:pk>/lead/", incidents.lead, name="incident-lead"),
    path("exceptions/incidents/<uuid:pk>/contain/", incidents.contain, name="incident-contain"),
    path("exceptions/incidents/<uuid:pk>/resolve/", incidents.resolve, name="incident-resolve"),
    path("exceptions/incidents/<uuid:pk>/post-mortem/", incidents.download, name="incident-post-mortem"),
    path("exceptions/<uuid:pk>/incident/", incidents.open_one, name="incident-open"),
    path("exceptions/<uuid:pk>/", views.exception, name="exception"),
    path("exceptions/<uuid:pk>/decide/", views.decide, name="exception-decide"),
    path("exceptions/<uuid:pk>/cap/", caps.raise_cap, name="exception-cap"),
]
