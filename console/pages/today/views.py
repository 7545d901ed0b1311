"""Today: what needs a person, how the fleet is, what ran in the last night. Counted now; nothing invented."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.pages.today.morning import morning
from console.request import PaneRequest


@require_safe
def today(request: PaneRequest) -> HttpResponse:
    """The page; for htmx only what changes by itself."""
    template = "pages/today/today.html" + ("#now" if request.headers.get("HX-Request") else "")
    response = render(request, template, {"morning": morning(request.user, request.team)})
    response["Vary"] = "HX-Request"
    return response
