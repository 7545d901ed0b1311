"""Taking agents in from a CSV file: shown first, then all of them or none."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agents.fleet.actions import import_agents as take_in
from agents.fleet.csv import COLUMNS, MOST_BYTES, NEEDED, AgentRow, parse_agents
from agents.fleet.models import Agent
from agents.fleet.permissions import require_creator
from agents.fleet.queries.imports import import_problems
from console.forms import ConfirmForm, FileForm, attempt, encoded
from console.request import PaneRequest


@require_http_methods(["GET", "POST"])
def import_agents(request: PaneRequest) -> HttpResponse:
    """A file is previewed; the previewed file, sent back, is taken in."""
    require_creator(request.user, request.team)
    if request.method == "GET":
        return _page(request, FileForm())
    if "csv" in request.POST:
        return _confirmed(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, 422)
    return _preview(request, form.read(MOST_BYTES), ConfirmForm())


def _page(request: PaneRequest, form: FileForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "columns": COLUMNS, "needed": NEEDED}
    return render(request, "pages/agents/import.html", context, status=status)


def _preview(request: PaneRequest, data: bytes, form: ConfirmForm) -> HttpResponse:
    rows, problems = parse_agents(data)
    problems = sorted([*problems, *import_problems(request.team, rows)], key=lambda each: each.row)
    known = _known(request, rows)
    context = {"rows": rows, "problems": problems, "known": known, "csv": encoded(data), "form": form}
    context["new"] = len([row for row in rows if row.slug not in known])
    bad = problems or form.is_bound
    return render(request, "pages/agents/preview.html", context, status=422 if bad else 200)


def _known(request: PaneRequest, rows: list[AgentRow]) -> set[str]:
    slugs = [row.slug for row in rows]
    return set(Agent.objects.filter(team=request.team, slug__in=slugs).values_list("slug", flat=True))


def _confirmed(request: PaneRequest) -> HttpResponse:
    form = ConfirmForm(request.POST)
    data, reason = form.sent()["csv"], form.sent()["reason"]
    rows, problems = parse_agents(data)
    if problems:
        return _preview(request, data, form)
    done = attempt(form, lambda: take_in(request.team, rows, actor=request.user, override_reason=reason))
    if done is None:
        return _preview(request, data, form)
    created, unchanged = len(done.created), len(done.unchanged)
    messages.success(request, ngettext("%(n)d agent taken in.", "%(n)d agents taken in.", created) % {"n": created})
    if unchanged:
        was = ngettext("%(n)d was there already.", "%(n)d were there already.", unchanged) % {"n": unchanged}
        messages.info(request, was)
    return redirect("agents")
