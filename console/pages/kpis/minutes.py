"""What the fleet takes of people, what that saves, and what may be wrong with what nobody looks at closely."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agents.base.clock import business_day
from agents.runs.queries import sampled
from console.kpis.minutes import minutes
from console.kpis.trust import briefly, drawn, percent, said
from console.kpis.unreviewed import correlation, declines
from console.request import PaneRequest


@require_safe
def kpi_minutes(request: PaneRequest) -> HttpResponse:
    """Counted now, from rows."""
    day = business_day(timezone.now(), request.user.tzinfo)
    found, unlooked = minutes(request.user, request.team, day), declines(request.user, request.team, day)
    before, now = found.ceilings
    context = {
        "found": found,
        "rows": [(each, briefly(each.trust)) for each in found.agents],
        "trust": said(found.trust),
        "drawn": drawn(sampled(request.team.pk, [each.agent for each in found.agents])),
        "unlooked": [(each, _percent(each.after_looked), _percent(each.after_unlooked)) for each in unlooked],
        "correlation": correlation(unlooked),
        "before": before,
        "now": now,
        "share_before": percent(before.share),
        "share": percent(now.share),
        "too_much": found.load.minutes > request.user.day_minutes,
    }
    return render(request, "pages/kpis/minutes.html", context)


def _percent(share: float | None) -> str:
    return "–" if share is None else percent(share)
