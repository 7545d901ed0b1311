"""The list with its search, and one flow: graph, limits, and the form that runs it."""

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from agents.base.phrases import spoken
from agents.engine import Kind
from agents.fleet.actions import writes_policies
from agents.fleet.enums import Vendor, Verb
from agents.fleet.models import Agent, ToolGrant
from agents.fleet.permissions import agents_for
from agents.fleet.queries.policies import policy
from agents.flows.actions import try_flow
from agents.flows.boundary import boundary
from agents.flows.catalog import LIBRARY
from agents.flows.composing import own_flows, recipe
from agents.flows.patterns import HEAVY, PATTERNS
from agents.flows.recipe import Recipe
from agents.flows.terms import terms_of
from agents.flows.traits import traits_of
from agents.runs.models import Run
from agents.runs.queries import runs_for
from agents.runs.queries.activations import LOOKED_AT, activations
from agents.runs.queries.agreement import agreements
from agents.runs.queries.figures import MOST, figures
from agents.runs.queries.lane_calls import lane
from agents.runs.registry import OWN
from console.forms import attempt
from console.pages.flows.counsel import counselled
from console.pages.flows.forms import TryForm
from console.pages.flows.promised import promised
from console.pages.runs.graph import drawing
from console.request import PaneRequest

DAYS = 30
"""Of which runs are counted."""


@require_safe
def flows(request: PaneRequest) -> HttpResponse:
    """Every flow whose name, pattern or summary has the words that are searched for."""
    words = request.GET.get("q", "").casefold().split()
    counted = _runs(request)
    rows = [
        {"flow": one, "also": PATTERNS[one.graph.pattern], "runs": counted[one.slug], "is_heavy": _heavy(one)}
        for one in sorted((*own_flows(request.team), *LIBRARY), key=_heavy)
        if _fits(one, words)
    ]
    context = {"rows": rows, "q": request.GET.get("q", ""), "days": DAYS, "all": len(PATTERNS)}
    context["may_rule"] = writes_policies(request.user, request.team)
    return render(request, "pages/flows/flows.html", context)


def _heavy(one: Recipe) -> bool:
    """Whether it is offered after all the others, and run only for a reason."""
    return one.graph.pattern in HEAVY


def _fits(one: Recipe, words: list[str]) -> bool:
    text = " ".join(_texts(one)).casefold()
    return all(word in text for word in words)


def _texts(one: Recipe) -> Iterator[str]:
    """What a flow is found by: its words in English and in the reader's language, and its pattern's other names."""
    for text in (one.name, one.summary, one.graph.pattern):
        yield text
        yield spoken(text)
    yield from (one.slug, *PATTERNS[one.graph.pattern])


def _runs(request: PaneRequest) -> Counter[str]:
    """How often each flow ran lately."""
    counts = _lately(request).values("flow_version__flow__slug").annotate(n=Count("pk")).order_by()
    return Counter({row["flow_version__flow__slug"]: row["n"] for row in counts})


def _lately(request: PaneRequest) -> QuerySet[Run]:
    """Runs of flows that the person may see."""
    since = timezone.now() - timedelta(days=DAYS)
    return runs_for(request.user).filter(agent__team=request.team, created_at__gte=since, flow_version__isnull=False)


@require_http_methods(["GET", "POST"])
def flow(request: PaneRequest, slug: str) -> HttpResponse:
    """The page; or one run of the flow, started."""
    try:
        found = recipe(request.team, slug)
    except LookupError:
        raise Http404 from None
    agents = _agents(request, found)
    if request.method == "GET":
        return _page(request, found, TryForm(recipe=found, agents=agents), agents)
    form = TryForm(request.POST, recipe=found, agents=agents)
    run = attempt(form, lambda: _start(request, found, form)) if form.is_valid() else None
    return redirect("run", pk=run.pk) if run else _page(request, found, form, agents, status=422)


def _agents(request: PaneRequest, found: Recipe) -> QuerySet[Agent]:
    """Agents of ours that have limits and what the flow works with, and that the person may give work to."""
    mine = agents_for(request.user, Verb.INSTRUCT).filter(team=request.team, vendor=Vendor.OURS)
    able = mine.filter(assignment__isnull=False).order_by("name")
    granted = ToolGrant.objects.filter(agent=OuterRef("pk"), tool__in=found.tools)
    return able.filter(Exists(granted)) if found.tools else able


def _seen(request: PaneRequest) -> list[uuid.UUID]:
    return list(agents_for(request.user, Verb.VIEW).filter(team=request.team).values_list("pk", flat=True))


def _start(request: PaneRequest, found: Recipe, form: TryForm) -> Run:
    given = form.cleaned_data
    told = {"key": str(given["key"]), "because": given.get("because", "")}
    return try_flow(given["agent"], found, actor=request.user, input=form.given(), **told)


def _page(
    request: PaneRequest, found: Recipe, form: TryForm, agents: QuerySet[Agent], *, status: int = 200
) -> HttpResponse:
    graph = found.graph.describe()
    lately = _lately(request)
    runs = lately.filter(flow_version__flow__slug=found.slug)
    fared = figures(runs)
    judges = any(node.kind == Kind.JUDGE for node in found.graph.nodes)
    context = {
        "flow": found,
        "graph": graph,
        "also": PATTERNS[found.graph.pattern],
        "traits": [trait for trait, _look in traits_of(graph)],
        "is_own": found.slug.startswith(OWN),
        "drawing": drawing(graph, [], over=False),
        "seconds": found.graph.slo.latency_ms // 1000,
        "share": round(found.graph.slo.share * 100),
        "form": form,
        "may_run": agents.exists(),
        "may_rule": writes_policies(request.user, request.team),
        "figures": fared,
        "activations": activations(runs),
        "lane": lane(runs),
        "days": DAYS,
        "most": MOST,
        "looked_at": LOOKED_AT,
        "judges": judges,
        "agreements": agreements(request.team.pk, found.slug, _seen(request)) if judges else [],
        "boundary": boundary(found.graph, rules.rules if (rules := policy(request.team.pk)) else {}),
        **counselled(found, fared, lately),
        **promised(found, terms_of(request.team, found.slug), runs),
    }
    return render(request, "pages/flows/flow.html", context, status=status)
