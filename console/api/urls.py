"""The addresses under `/api/`."""

from django.urls import path

from console.api import agents, campaigns, ingest, problems, review, reviews, trail
from console.api.document import Api

api = Api()
problems.install(api)
# `ingest` adds to the router of runs, whose addresses it shares.
for router in (agents.router, campaigns.router, ingest.router, review.router, reviews.router, trail.router):
    api.add_router("", router)

urlpatterns = [path("v1/", api.urls)]
