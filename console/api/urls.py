"""The addresses under `/api/`."""

from django.urls import path

from console.api import (
    absences,
    agents,
    campaigns,
    connections,
    explained,
    incidents,
    ingest,
    items,
    kpis,
    policy,
    problems,
    replays,
    review,
    reviews,
    rules,
    segments,
    tools,
    trail,
)
from console.api.document import Api

api = Api()
problems.install(api)
# `ingest` adds to the router of runs, whose addresses it shares.
for part in (
    absences,
    agents,
    campaigns,
    connections,
    explained,
    incidents,
    ingest,
    items,
    kpis,
    policy,
    replays,
    review,
    reviews,
    rules,
    segments,
    tools,
    trail,
):
    api.add_router("", part.router)

urlpatterns = [path("v1/", api.urls)]
