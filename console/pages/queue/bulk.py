"""Deciding what was ticked: shown first, confirmed, and told item by item."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from agents.base.errors import Invalid
from agents.base.ids import uuid7
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs.actions.bulk import MOST, TOGETHER, Outcome, decide_many
from agents.runs.answers import choices
from agents.runs.enums import DecisionKind, ItemState, RootCause
from agents.runs.models import ReviewItem
from agents.runs.queries.alike import folded_into
from console.forms import problems_of
from console.request import PaneRequest

KEYS = "arsihw"
"""Of the decisions in TOGETHER: the same as on an item's own page."""


class BulkForm(forms.Form):
    """`item` are those ticked, each with the hash of what it proposed when the page was drawn ("id:hash")."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in TOGETHER])
    note = forms.CharField(max_length=10_000, required=False)
    root_cause = forms.ChoiceField(choices=RootCause.choices, required=False)
    key = forms.UUIDField()


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: PaneRequest) -> HttpResponse:
    """What was ticked, and one decision for all of it; nothing happens before it is confirmed.

    What was left and is still open is offered again, with everything typed.
    """
    given = request.POST if request.method == "POST" else request.GET
    pairs = [pair.partition(":") for pair in given.getlist("item")][:MOST]
    seen = {pk: sha256 for text, _colon, sha256 in pairs if (pk := _id(text))}
    found = _visible(request).filter(pk__in=seen)
    if request.method != "POST":
        return _page(request, _ticked(found))
    items = list(found)  # who had ticked what somebody decided meanwhile hears of it
    form = BulkForm(request.POST)
    problem, outcomes = problems_of(form), list[Outcome]()
    if not problem:
        try:
            outcomes = _decided(request, items, seen, form.cleaned_data)
        except Invalid as error:
            problem = error.message
    if outcomes:
        items = [each.item for each in outcomes if not each.decision and each.item.state != ItemState.DECIDED]
    status = 200 if outcomes else 422
    return _page(request, items, status, form=form, problem=problem, outcomes=outcomes)


def _ticked(found: QuerySet[ReviewItem]) -> list[ReviewItem]:
    """What is still open of it, with all that stands in the same row; as many as are decided together."""
    items = list(found.exclude(state=ItemState.DECIDED))
    return [*items, *folded_into(items)][:MOST]


def _page(request: PaneRequest, items: list[ReviewItem], status: int = 200, **told: Any) -> HttpResponse:
    typed = min((item.pk for item in items), default="")  # what is half typed is of these, however they are ranked
    context = {"items": items, "kinds": _kinds(items), "causes": RootCause, "key": uuid7(), "typed": typed, **told}
    return render(request, "pages/queue/bulk.html", context, status=status)


def _decided(
    request: PaneRequest, items: list[ReviewItem], seen: dict[uuid.UUID, str], given: dict[str, Any]
) -> list[Outcome]:
    return decide_many(
        items,
        actor=request.user,
        kind=DecisionKind(given["kind"]),
        note=given["note"],
        root_cause=given["root_cause"],
        seen=seen,
        key=str(given["key"]),
        grace_s=settings.DECISION_GRACE,
    )


def _kinds(items: list[ReviewItem]) -> list[tuple[DecisionKind, str]]:
    """What makes sense for any of them, with its key: nobody is offered to approve what proposes nothing."""
    sensible = {kind for item in items for kind in choices(item.exception)}  # type: ignore[arg-type]  # `_visible` has one
    return [(kind, key) for kind, key in zip(TOGETHER, KEYS, strict=True) if kind in sensible]


def _visible(request: PaneRequest) -> QuerySet[ReviewItem]:
    """What asks something, or did, of agents the person may decide for."""
    mine = agents_for(request.user, Verb.REVIEW)
    found = ReviewItem.objects.filter(agent__team=request.team, agent__in=mine, exception__isnull=False)
    return found.select_related("agent", "exception__agent").order_by("-rank", "pk")


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
