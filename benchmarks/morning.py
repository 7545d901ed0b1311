"""Today and the queue with a month behind them: 25 agents, 15,000 runs, 120,000 steps.

One client's median, queries a page, and 16 clients' p95 beside a bare page of 50 rows under the same server.
"""

import os
import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.fleet.models import Agent, KpiPoint, KpiTarget
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, RunState
from agents.runs.models import DailyReview, Output, Run, Step
from benchmarks.fleet import make_agents, make_team
from benchmarks.pages import milliseconds, signed_in, step, taken
from benchmarks.stand import Stand
from benchmarks.table import Row, against, at_most, spread

AGENTS, RUNS, STEPS, WAITING, CLIENTS = 25, 600, 8, 31, 16
PAGES = {"/": "Today", "/queue/": "Queue"}
BARE = "/bare/"


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Every answer must be 200 and name an agent."""
    runs, requests = (20, 3) if quick else (RUNS, 40)
    agents = make_agents(make_team(), AGENTS, steps=STEPS)
    _fill(agents, runs)
    stand.analyze()
    cookie, rows = signed_in(agents[0]), [_queries(agents[0], path) for path in PAGES]
    with stand.web() as ours, _bare(stand) as floor:
        rows += [_alone(ours, path, cookie, agents[0].name, requests) for path in PAGES]
        rows += _together(ours, floor, cookie, 2 if quick else 20, 1 if quick else 5)
    return rows


def _fill(agents: list[Agent], runs: int) -> None:
    """A month of runs, a review of each agent's day, KPIs, and what waits for people."""
    now = datetime.now(UTC)
    for number, agent in enumerate(agents):
        version = agent.assignment.flow_version
        times = [now - timedelta(days=30) * (1 - n / runs) for n in range(runs)]
        made = [
            Run(agent=agent, flow_version=version, title=f"Ticket {n}", state=RunState.DONE, created_at=at)
            for n, at in enumerate(times)
        ]
        for each in made:
            each.state_since, each.cost_micros = each.created_at, 3_000
        Run.objects.bulk_create(made)
        Step.objects.bulk_create((step(each, n) for each in made for n in range(STEPS)), batch_size=5_000)
        Output.objects.bulk_create(
            Output(run=each, step_key="s", kind="reply", content="Dear Marta, " * 20, created_at=each.created_at)
            for each in made[::2]
        )
        DailyReview.objects.create(agent=agent, day=now.date(), since=now - timedelta(hours=14))
        KpiTarget.objects.create(agent=agent, key="resolved", target=90)
        KpiPoint.objects.bulk_create(
            KpiPoint(agent=agent, key="resolved", day=now.date() - timedelta(days=ago), value=80 + ago % 9)
            for ago in range(30)
        )
        if number < WAITING - AGENTS // 2:
            _ask(agent, made[-1], 3 if number < 6 else 1)


@transaction.atomic
def _ask(agent: Agent, made: Run, times: int) -> None:
    for n in range(times):
        raise_exception(agent, run=made, step_key=f"s{n}", kind=ExceptionKind.APPROVAL, title=f"Refund {n}?")


def _queries(agent: Agent, path: str) -> Row:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(agent.owners.get(role="primary").user)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return at_most(f"{PAGES[path]}, queries", spread([len(asked)], "queries"), 12)


def _alone(port: int, path: str, cookie: str, name: str, requests: int) -> Row:
    values = [milliseconds(port, path, cookie, name, requests) for _ in range(5)]
    return at_most(f"{PAGES[path]}, {AGENTS} agents, one client, p50", spread(values, "ms"), 20)


def _together(ours: int, floor: int, cookie: str, requests: int, rounds: int) -> list[Row]:
    """Ours and the bare page in turns."""
    seen: dict[str, list[float]] = {path: [] for path in (*PAGES, BARE)}
    for _ in range(rounds):
        for path in seen:
            seen[path].append(_p95(floor if path == BARE else ours, path, cookie, requests))
    bare = spread(seen[BARE], "ms")
    return [
        against(f"{name}, {CLIENTS} clients, p95", spread(seen[path], "ms"), bare, "bare page of 50 rows", most=3)
        for path, name in PAGES.items()
    ]


def _p95(port: int, path: str, cookie: str, requests: int) -> float:
    def one(_number: int) -> list[float]:
        return taken(port, path, cookie, "", requests)

    with ThreadPoolExecutor(CLIENTS) as clients:
        every = [value * 1000 for values in clients.map(one, range(CLIENTS)) for value in values]
    return statistics.quantiles(every, n=20)[-1]


@contextmanager
def _bare(stand: Stand) -> Iterator[int]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.bare_settings"
    try:
        with stand.web() as port:
            yield port
    finally:
        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
