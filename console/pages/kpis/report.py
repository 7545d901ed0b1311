"""The report for whoever leads: what each agent did in a period, traceable to the runs, on screen and as CSV."""

import csv
from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents.base.cells import safe_cell
from agents.base.money import decimal_text, paid
from agents.fleet import verbs
from agents.fleet.models import Agent
from audit.actions import record
from console.kpis.report import Line, channels, report
from console.kpis.scope import Scope
from console.pages.kpis.views import asked, choices, runs_of
from console.request import PaneRequest

COUNTED = ("runs", "done", "without_a_person", "failed", "asked_a_person", "cost", "currency")
HEADINGS = {"agent": ("agent", "about", *COUNTED), "channel": ("channel", "agent", *COUNTED)}


@require_safe
def kpi_report(request: PaneRequest) -> HttpResponse:
    """Counted now, from rows; each line leads to its runs, each agent to its trail."""
    _form, scope = asked(request)
    days = {"since": scope.first.isoformat(), "until": scope.last.isoformat()}
    accounts = [
        (account, _runs(scope, account.agent), reverse("audit", query={"agent": account.agent.slug, **days}))
        for account in report(scope)
    ]
    context = {
        "scope": scope,
        "accounts": accounts,
        "channels": [
            (each, [(agent, line, _runs(scope, agent)) for agent, line in each.lines]) for each in channels(scope)
        ],
        "exports": [reverse("kpi-report-export", query={**request.GET.dict(), "per": each}) for each in HEADINGS],
        "choices": {name: choices(request)[name] for name in ("agent", "function", "days")},
    }
    return render(request, "pages/kpis/report.html", context)


@require_safe
def export(request: PaneRequest) -> HttpResponse:
    """As CSV that no spreadsheet runs; by agent, or with `per=channel` by channel."""
    _form, scope = asked(request)
    per = "channel" if request.GET.get("per") == "channel" else "agent"
    query = request.GET.urlencode()[:300]
    record(verbs.KPIS_EXPORTED, actor=request.user.actor, team_id=request.team.pk, query=f"report {query}")
    name = f"report-{scope.first:%Y-%m-%d}-{scope.last:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(HEADINGS[per])
    writer.writerows(
        [safe_cell(cell) for cell in row] for row in (_by_channel if per == "channel" else _by_agent)(scope)
    )
    return response


def _by_agent(scope: Scope) -> Iterator[tuple[object, ...]]:
    for account in report(scope):
        for line in account.lines:
            yield account.agent.name, line.about, *_counts(line)


def _by_channel(scope: Scope) -> Iterator[tuple[object, ...]]:
    for channel in channels(scope):
        for agent, line in channel.lines:
            yield channel.name, agent.name, *_counts(line)


def _counts(line: Line) -> tuple[object, ...]:
    """Where currencies meet, their amounts and names in the same order, which no spreadsheet adds up."""
    counts = (line.runs, line.done, line.unaided, line.failed, line.asked)
    costs = paid(line.costs or {})
    return *counts, " + ".join(decimal_text(micros) for _of, micros in costs), " + ".join(of for of, _micros in costs)


def _runs(scope: Scope, agent: Agent) -> str:
    return runs_of(scope, scope.first, scope.last, agent=agent.slug)
