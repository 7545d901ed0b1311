"""The addresses under `/api/`."""

from django.urls import path

from console.api import (
    absences,
    agents,
    availability,
    bypasses,
    campaigns,
    composed_flows,
    connections,
    cost_reviews,
    deferrals,
    economy,
    explained,
    flow_terms,
    goals,
    incidents,
    ingest,
    items,
    kpis,
    language_models,
    manual_round,
    memory,
    one_on_ones,
    policy,
    problems,
    proposals,
    ratings,
    replays,
    review,
    reviews,
    rules,
    segments,
    thresholds,
    tools,
    trail,
    what_ifs,
)
from console.api.document import Api

api = Api()
problems.install(api)
# `ingest` adds to the router of runs, whose addresses it shares.
for part in (
    absences,
    agents,
    availability,
    bypasses,
    campaigns,
    composed_flows,
    connections,
    cost_reviews,
    deferrals,
    economy,
    explained,
    flow_terms,
    goals,
    incidents,
    ingest,
    items,
    kpis,
    language_models,
    manual_round,
    one_on_ones,
    memory,
    policy,
    proposals,
    ratings,
    replays,
    review,
    reviews,
    rules,
    segments,
    thresholds,
    tools,
    trail,
    what_ifs,
):
    api.add_router("", part.router)

urlpatterns = [path("v1/", api.urls)]
