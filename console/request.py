"""The request as a page of the pane gets it: `SignInMiddleware` let nobody through without a person and a team."""

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents.people.models import Team, User


class PaneRequest(HttpRequest):
    """For type checking: `user` is signed in, `team` is the company they look at."""

    user: User
    team: Team


def nowhere(request: HttpRequest, page: str) -> HttpResponse:
    """What an address names is not there: whoever reads sees the page without it, whoever writes is told (Http404)."""
    if request.method == "POST":
        raise Http404
    return redirect(page)


def with_messages(request: HttpRequest, response: HttpResponse, **events: object) -> HttpResponse:
    """A fragment that brings its messages along, for no page that shows them comes next; with `rollcall:` events."""
    if lines := [{"text": str(each), "level": each.level_tag} for each in messages.get_messages(request)]:
        events["said"] = {"lines": lines}
    response["HX-Trigger"] = json.dumps({f"rollcall:{name}": detail for name, detail in events.items()})
    return response
