"""Demo vendors: each answers below `/vendors/<name>` as its documentation says, with data made from a seed and a day.

An account is known by its credential, which is also its seed; nothing in them comes from any real customer.
"""

from aiohttp import web

from agents.rehearsal.vendors import claude, hook, momentum, monaco, qualified, salesforce

MOUNTED = {
    "qualified": qualified.ROUTES,
    "monaco": monaco.ROUTES,
    "momentum": momentum.ROUTES,
    "salesforce": salesforce.ROUTES,
    "claude": claude.ROUTES,
    "webhook": hook.ROUTES,
}
ROUTES = [
    web.route(route.method, f"/vendors/{name}{route.path}", route.handler)
    for name, routes in MOUNTED.items()
    for route in routes
]
