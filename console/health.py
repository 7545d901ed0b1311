"""For machines that watch: alive, ready, and figures."""

from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from agents.fleet.models import Agent
from agents.people.actions import authenticate_token
from agents.people.enums import TokenScope
from agents.people.models import Team
from agents.runs.enums import ExceptionState
from agents.runs.models import Run, RunException
from agents.runs.queries import health
from agents.runs.queries.lanes import holds, together, waiting

# Seconds. A queue whose workers showed no life for longer is not consumed: three canaries were not taken, and whoever
# asks every few seconds hears of it within the minute of guarantees.md G8.
CANARY_LIMIT = 50


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and every queue is consumed; else 503 naming what is not."""
    problems = list(_problems())
    status = "unready" if problems else "ready"
    return JsonResponse({"status": status, "problems": problems}, status=503 if problems else 200)


def _problems() -> Iterator[str]:
    try:
        ages = health()
    except Error:
        yield "the database does not answer"
        return
    for queue, age in ages.items():
        if age is None:
            yield f"queue {queue}: no worker seen yet"
        elif age > CANARY_LIMIT:
            yield f"queue {queue}: not consumed for {age:.0f} s"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures of the token's team for Prometheus; needs a bearer token with the scope `read`."""
    token = authenticate_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if token is None or TokenScope.READ not in token.scopes:
        return HttpResponse("A bearer token with the scope read is needed.\n", status=401, content_type="text/plain")
    return HttpResponse(generate_latest(_figures(token.team)), content_type=CONTENT_TYPE_LATEST)


def _figures(team: Team) -> CollectorRegistry:
    registry = CollectorRegistry()
    agents = Gauge("rollcall_agents", "Agents by lifecycle.", ["lifecycle"], registry=registry)
    for lifecycle, n in Agent.objects.filter(team=team).values_list("lifecycle").annotate(n=Count("pk")):
        agents.labels(lifecycle).set(n)
    runs = Gauge("rollcall_runs", "Runs by state.", ["state"], registry=registry)
    for state, n in Run.objects.filter(agent__team=team).values_list("state").annotate(n=Count("pk")):
        runs.labels(state).set(n)
    waiting = Gauge("rollcall_exceptions_open", "Exceptions that wait for a person.", registry=registry)
    waiting.set(RunException.objects.filter(agent__team=team, state=ExceptionState.OPEN).count())
    ages = Gauge("rollcall_queue_age_seconds", "Since a worker last showed life.", ["queue"], registry=registry)
    for queue, age in health().items():
        ages.labels(queue).set(float("nan") if age is None else age)
    _lanes(team, registry)
    return registry


def _lanes(team: Team, registry: CollectorRegistry) -> None:
    """How much of the team's work waits in each lane, and what is held back of it."""
    depth = Gauge("rollcall_lane_waiting", "Due and not taken up, by lane.", ["lane"], registry=registry)
    oldest = Gauge("rollcall_lane_oldest_seconds", "How long the oldest has been due.", ["lane"], registry=registry)
    held = Gauge("rollcall_lane_held", "1 while what has not begun waits for other work.", ["lane"], registry=registry)
    on = set(holds(team).values_list("lane", flat=True))
    for lane, row in together(one for one in waiting() if one.team_id == team.pk).items():
        depth.labels(lane).set(row.n)
        oldest.labels(lane).set(row.oldest_s)
        held.labels(lane).set(lane in on)
