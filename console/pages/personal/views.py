"""Having the personal data of a page shown."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import is_valid_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from agents.people.actions import reveal_personal
from console.personal import show_on
from console.request import PaneRequest


@require_POST
def reveal(request: PaneRequest) -> HttpResponse:
    """Back to the page that was named, which now shows everything."""
    path = request.POST.get("path", "")
    if not (url_has_allowed_host_and_scheme(path, None) and is_valid_path(path)):
        raise Http404
    reveal_personal(request.team, where=path, reason=request.POST.get("reason", ""), actor=request.user)
    show_on(request, request.team, path)
    return redirect(path)
