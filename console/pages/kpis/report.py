"""The report for whoever leads: what each agent did in a period, traceable to the runs, on screen and as CSV."""

import csv
from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents.base.cells import safe_cell
from agents.base.money import decimal_text
from agents.fleet import verbs
from audit.actions import record
from console.kpis.report import Account, report
from console.kpis.scope import Scope
from console.pages.kpis.views import asked, choices, runs_of
from console.request import PaneRequest

HEADINGS = ("agent", "about", "runs", "done", "without_a_person", "failed", "asked_a_person", "cost", "currency")


@require_safe
def kpi_report(request: PaneRequest) -> HttpResponse:
    """Counted now, from rows; each line leads to its runs, each agent to its trail."""
    _form, scope = asked(request)
    days = {"since": scope.first.isoformat(), "until": scope.last.isoformat()}
    accounts = [
        (account, _runs(scope, account), reverse("audit", query={"agent": account.agent.slug, **days}))
        for account in report(scope)
    ]
    context = {
        "scope": scope,
        "accounts": accounts,
        "export": reverse("kpi-report-export", query=request.GET.dict()),
        "choices": {name: choices(request)[name] for name in ("agent", "function", "days")},
    }
    return render(request, "pages/kpis/report.html", context)


@require_safe
def export(request: PaneRequest) -> HttpResponse:
    """As CSV that no spreadsheet runs."""
    _form, scope = asked(request)
    query = request.GET.urlencode()[:300]
    record(verbs.KPIS_EXPORTED, actor=request.user.actor, team_id=request.team.pk, query=f"report {query}")
    name = f"report-{scope.first:%Y-%m-%d}-{scope.last:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(HEADINGS)
    writer.writerows([safe_cell(cell) for cell in row] for account in report(scope) for row in _rows(account))
    return response


def _rows(account: Account) -> Iterator[tuple[object, ...]]:
    agent = account.agent
    for line in account.lines:
        counts = (line.runs, line.done, line.unaided, line.failed, line.asked)
        yield agent.name, line.about, *counts, decimal_text(line.cost_micros), agent.currency


def _runs(scope: Scope, account: Account) -> str:
    return runs_of(scope, scope.first, scope.last, agent=account.agent.slug)
