"""One place in the queue: what it asks, and the decision about it."""

import uuid
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agents.base.errors import Conflict
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for, reviewers
from agents.runs.actions import claim_item
from agents.runs.enums import ItemState
from agents.runs.models import ReviewItem
from agents.runs.queries.helping import helped, helpers
from console.pages.exceptions.fetch import exception_page
from console.pages.exceptions.page import AnswerPage
from console.pages.exceptions.views import take_decision
from console.pages.queue.narrowing import narrowed
from console.pages.queue.views import answered, moved_on, queue_page
from console.request import PaneRequest

DETAIL, TURNS = "pages/queue/item.html", "pages/queue/turns.html"
LATER = {
    "1h": gettext_lazy("for an hour"),
    "4h": gettext_lazy("for four hours"),
    "tomorrow": gettext_lazy("until tomorrow, 9:00"),
}
"""For how long an item is put off at one key."""


@require_safe
def item(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """What it asks; beside the list, or for htmx alone."""
    found = helped(pk)
    begun = next((each.text for each in found if str(each.run.pk) == request.GET.get("begin")), "")
    page = exception_page(request, _exception_of(pk), action=_action(request, pk), begun=begun)
    return queue_page(request, DETAIL, **_shown(request, page), helped=found)


def turned(request: PaneRequest, pk: uuid.UUID, status: int = 200, **typed: Any) -> HttpResponse:
    """The item after it was handed on or noted; for htmx that part alone: what is typed as an answer stays."""
    page = exception_page(request, _exception_of(pk), action=_action(request, pk))
    shown = {**_shown(request, page), "helped": helped(pk), **typed}
    if request.headers.get("HX-Request"):
        return render(request, TURNS, {**shown, "alone": True}, status=status)
    return queue_page(request, DETAIL, status, **shown)


@require_POST
def claim(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Whoever opens it is on it. Somebody else's claim stays; the page says whose.

    What was put off since the page was drawn stays put off: on a slow line the page asks later than its person acts.
    """
    found = visible_item(request, pk)
    if found.state != ItemState.SNOOZED or request.POST.get("state") == ItemState.SNOOZED:
        with suppress(Conflict):
            claim_item(found, actor=request.user)
    return HttpResponse(status=204)


@require_POST
def decide(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Decides and goes on to the next; whoever is refused gets the form again, with everything typed."""
    came = take_decision(request, _exception_of(pk), action=_action(request, pk))
    if not isinstance(came, AnswerPage):
        if not (came.is_held or request.headers.get("HX-Request")):
            messages.success(request, _("Decided: %(kind)s.") % {"kind": came.kind.label})
        return moved_on(request, *(f"item-{each.item_id}" for each in came.made))
    if request.headers.get("HX-Request"):
        return answered(render(request, "pages/exceptions/deciding.html", _shown(request, came), status=came.status))
    return queue_page(request, DETAIL, came.status, **_shown(request, came), helped=helped(pk))


def _shown(request: PaneRequest, page: AnswerPage) -> dict[str, Any]:
    place = page.exception.item
    shown = {"page": page, "exception": page.exception, "item": place, "open_row": place.pk}
    beside = {"notes": list(place.notes.select_related("author")), "later": LATER}
    if not (page.may_review and page.is_open):
        return shown | beside
    return shown | beside | {"turns": reviewers(page.exception.agent), "helpers": helpers(request.user, page.exception)}


def _action(request: PaneRequest, pk: uuid.UUID) -> str:
    return reverse("queue-decide", args=[pk]) + narrowed(request).query


def _exception_of(pk: uuid.UUID) -> uuid.UUID:
    """Which exception it is about; whether the person may see that one is asked there. Raises Http404."""
    found = ReviewItem.objects.filter(pk=pk).values_list("exception_id", flat=True).first()
    if found is None:
        raise Http404
    return found


def visible_item(request: PaneRequest, pk: uuid.UUID) -> ReviewItem:
    """Raises Http404 for a stranger."""
    mine = ReviewItem.objects.filter(pk=pk, agent__team=request.team, agent__in=agents_for(request.user, Verb.VIEW))
    found = mine.select_related("agent").first()
    if found is None:
        raise Http404
    return found
