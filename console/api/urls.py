"""The addresses under `/api/`."""

from django.urls import path

from console.api import agents, problems, review, runs, trail
from console.api.document import Api

api = Api()
problems.install(api)
for router in (agents.router, runs.router, review.router, trail.router):
    api.add_router("", router)

urlpatterns = [path("v1/", api.urls)]
