"""The roles that flows are made of, each with what it is for, gives back, may use and may cost."""

from collections import defaultdict

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.flows.alone import ALONE
from agents.flows.catalog import LIBRARY
from agents.flows.recipe import Recipe
from agents.flows.roles import ROLES
from console.request import PaneRequest


@require_safe
def roles(request: PaneRequest) -> HttpResponse:
    used = _used()
    rows = [
        {"role": role, "gives": list(role.schema["properties"]), "alone": ALONE[role.slug], "flows": used[role.slug]}
        for role in ROLES
    ]
    return render(request, "pages/flows/roles.html", {"rows": rows})


def _used() -> dict[str, list[Recipe]]:
    """The flows that each role works in."""
    found: dict[str, list[Recipe]] = defaultdict(list)
    for one in LIBRARY:
        for role in {role.slug for role in one.roles}:
            found[role].append(one)
    return found
