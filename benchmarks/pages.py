"""How long a page takes with one client, for information: the fleet and a run, at 30 agents and 3,000 runs.

The server is that of `make up`; its floor is an address that touches neither session nor database.
"""

import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from statistics import median

from django.test import Client

from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import RunState
from agents.runs.models import Run, Step
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row, against, spread
from console.supervisor.ports import LOOPBACK

AGENTS, STEPS = 30, 10
FLOOR = "/healthz"


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Every answer must be 200 and name what was asked for."""
    runs, requests = (3, 2) if quick else (100, 40)
    agents = make_agents(make_team(), AGENTS, steps=STEPS)
    last = [_ran(agent, runs) for agent in agents][-1]
    wanted = {FLOOR: "", "/agents/": agents[0].name, f"/runs/{last.pk}/": last.title}
    cookie = signed_in(agents[0])
    seen: dict[str, list[float]] = {path: [] for path in wanted}
    with stand.web() as port:
        for _ in range(1 if quick else 5):
            for path, text in wanted.items():
                seen[path].append(milliseconds(port, path, cookie, text, requests))
    floor = spread(seen[FLOOR], "ms")
    names = {"/agents/": f"fleet page, {AGENTS} agents, {AGENTS * runs} runs", f"/runs/{last.pk}/": "run page"}
    return [against(f"{name}, p50", spread(seen[path], "ms"), floor, FLOOR) for path, name in names.items()]


def _ran(agent: Agent, count: int) -> Run:
    """The newest of `count` finished runs."""
    start = datetime.now(UTC) - timedelta(hours=24)
    version = agent.assignment.flow_version
    times = [start + timedelta(minutes=number) for number in range(count)]
    runs = [
        Run(agent=agent, flow_version=version, title=f"Ticket {number}", state=RunState.DONE, created_at=at)
        for number, at in enumerate(times)
    ]
    Run.objects.bulk_create(runs)
    Step.objects.bulk_create(step(run, number) for run in runs for number in range(STEPS))
    return runs[-1]


def step(run: Run, number: int) -> Step:
    node = f"step-{number}"
    at = run.created_at
    known = {"input": {"input": {}}, "output": {"n": 1}, "reason": "always"}
    return Step(
        run=run, key=f"{node}/1", seq=number + 1, node=node, kind="tool", started_at=at, finished_at=at, **known
    )


def signed_in(agent: Agent) -> str:
    """The cookie of one of the agent's owners."""
    client = Client()
    client.force_login(User.objects.get(pk=agent.owners.get(role="primary").user_id))
    return "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())


def milliseconds(port: int, path: str, cookie: str, text: str, requests: int) -> float:
    """The median of several requests on one connection, after one that warms up."""
    return median(taken(port, path, cookie, text, requests)) * 1000


def taken(port: int, path: str, cookie: str, text: str, requests: int, **headers: str) -> list[float]:
    """Seconds of each of several requests on one connection, after one that warms up; `_` in `headers` means `-`."""
    sent = {"Cookie": cookie} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection, seconds = HTTPConnection(LOOPBACK, port, timeout=30), []
    for _ in range(requests + 1):
        begun = time.perf_counter()
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        body = answer.read().decode()
        seconds.append(time.perf_counter() - begun)
        assert answer.status == 200, (path, answer.status)
        assert text in body, path
    connection.close()
    return seconds[1:]
