"""The machine interface at `/api/v1/`: bearer tokens with scopes, cursor paging, RFC 9457 problems, Idempotency-Key."""

from ninja import NinjaAPI

from console.api import agents, problems, review, runs, trail

api = NinjaAPI(title="Rollcall", version="1", urls_namespace="api", docs_url=None, openapi_url="/openapi.json")
problems.install(api)
for router in (agents.router, runs.router, review.router, trail.router):
    api.add_router("", router)
