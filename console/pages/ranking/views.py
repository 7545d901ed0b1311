"""How the queue is ranked: what weighs how much, why, and how well it foretold what people decided."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.runs.actions.fitting import LEAST, LEAST_OF_EACH
from agents.runs.models import RankingVersion
from agents.runs.ranking import shipped, weights_of
from console.pages.ranking.weighing import bins, weighings
from console.request import PaneRequest

SHOWN = 10


@require_safe
def ranking_page(request: PaneRequest) -> HttpResponse:
    team = request.team.pk
    versions = list(RankingVersion.objects.filter(team=team).order_by("-number")[:SHOWN])
    context = {
        "version": versions[0] if versions else None,
        "versions": versions,
        "bins": bins(versions[0].bins) if versions else [],
        "weighings": weighings(shipped(), weights_of([team])[team]),
        "least": LEAST,
        "least_of_each": LEAST_OF_EACH,
    }
    return render(request, "pages/ranking/ranking.html", context)
