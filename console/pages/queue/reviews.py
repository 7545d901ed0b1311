"""An agent's day: its digest, the samples, and the decision that closes it."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.base.errors import Conflict, Invalid
from agents.base.ids import uuid7
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for, verbs_on
from agents.runs import actions
from agents.runs.enums import DecisionKind
from agents.runs.models import DailyReview, Decision
from agents.runs.queries import digests, worst_of
from agents.runs.queries.alike import folded_together
from agents.runs.queries.doubtful import doubtful_runs
from agents.runs.queries.rules import ruled
from agents.runs.queries.worst import MOST
from console.pages.queue.rules import keyed
from console.pages.queue.views import moved_on, queue_page
from console.request import PaneRequest

DETAIL = "pages/queue/review.html"


class ReviewForm(forms.Form):
    """A decision about a day; `until` is when what the person saw was drawn."""

    kind = forms.ChoiceField(choices=DecisionKind.choices)
    note = forms.CharField(max_length=10_000, required=False)
    until = forms.DateTimeField()
    key = forms.UUIDField()


@require_safe
def review(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Digest and samples; beside the list, or for htmx alone."""
    return _page(request, _visible(request, pk))


@require_POST
def shown(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The page has shown digest and samples: from now on the day closes with its last open item."""
    actions.show_review(_visible(request, pk), actor=request.user)
    return HttpResponse(status=204)


@require_POST
def decide(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Decides the day and goes on to the next row."""
    found, form = _visible(request, pk), ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, problem=_("This page is damaged. Load it again."))
    given = {"kind": form.cleaned_data["kind"], "note": form.cleaned_data["note"], "until": form.cleaned_data["until"]}
    key = str(form.cleaned_data["key"])
    try:
        decision = actions.decide_review(found, actor=request.user, idempotency_key=key, **given)
    except (Conflict, Invalid) as error:
        found.refresh_from_db()
        return _page(request, found, error.status, problem=error.message, note=form.cleaned_data["note"])
    if not request.headers.get("HX-Request"):
        messages.success(request, _("Decided: %(kind)s.") % {"kind": decision.get_kind_display()})
    return moved_on(request, f"review-{pk}")


def _visible(request: PaneRequest, pk: uuid.UUID) -> DailyReview:
    rows = DailyReview.objects.filter(agent__team=request.team, agent__in=agents_for(request.user, Verb.VIEW))
    return get_object_or_404(rows.select_related("agent__status", "agent__team"), pk=pk)


def _page(request: PaneRequest, found: DailyReview, status: int = 200, **said: Any) -> HttpResponse:
    now = timezone.now()
    digest = digests([found], now)[found.pk]
    by_rule = list(ruled(found.agent, found.since))
    rules = {each.rule_id: each.rule for each in by_rule if each.rule}
    shown: dict[str, Any] = {
        "review": found,
        "digest": digest,
        "doubtful": doubtful_runs(found.agent, digest.window),
        "decision": Decision.objects.filter(review=found).select_related("actor").first(),
        "open_items": folded_together(worst_of(found.agent, MOST)),
        "by_rule": by_rule,
        "rules": [keyed(request.user, rule) for rule in rules.values()],
        "may_review": Verb.REVIEW in verbs_on(request.user, found.agent),
        "until": now.astimezone(dt.UTC).isoformat(),
        "key": uuid7(),
        "open_row": found.pk,
        **said,
    }
    return queue_page(request, DETAIL, status, **shown)
