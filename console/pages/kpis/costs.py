"""The monthly review of cost and latency: figures by use case beside the month before, and what to do about them."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.flows.cost_reviews import accept_adjustment, dismiss_adjustment, may_decide, require_reader
from agents.flows.models import Adjustment, CostReview
from console.request import PaneRequest


@require_safe
def kpi_costs(request: PaneRequest) -> HttpResponse:
    """The month that is asked for, else the newest."""
    require_reader(request.user, request.team)
    found = list(CostReview.objects.filter(team=request.team).order_by("-month"))
    wanted = request.GET.get("month", "")
    shown = next((one for one in found if str(one) == wanted), found[0] if found else None)
    context: dict[str, Any] = {"reviews": found, "shown": shown, "may_decide": may_decide(request.user, request.team)}
    if shown:
        decided = shown.adjustments.select_related("decided_by")
        context |= {"rows": beside(shown), "adjustments": decided.order_by("-saves_micros", "pk")}
    return render(request, "pages/kpis/costs.html", context)


def beside(review: CostReview) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """Each use case of the month with what it was the month before, if it was."""
    keys = ("use_case", "cost_center", "currency")
    before = {tuple(one[key] for key in keys): one for one in review.figures["before"]}
    return [(one, before.get(tuple(one[key] for key in keys))) for one in review.figures["usage"]]


@require_POST
def cost_accept(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _decide(request, pk, accept_adjustment, _("Accepted: it holds from now on."))


@require_POST
def cost_dismiss(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _decide(request, pk, dismiss_adjustment, _("Dismissed: nothing changes."))


def _decide(request: PaneRequest, pk: uuid.UUID, decide: Callable[..., Adjustment], said: str) -> HttpResponse:
    decide(adjustment_or_404(request.team.pk, pk), actor=request.user)
    messages.success(request, said)
    return redirect("kpi-costs")


def adjustment_or_404(team_id: uuid.UUID, pk: uuid.UUID) -> Adjustment:
    """The team's own; 404 for strangers."""
    found = Adjustment.objects.filter(pk=pk, review__team=team_id).first()
    if found is None:
        raise Http404
    return found
