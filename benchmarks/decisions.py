"""Deciding: how long one person waits for an answer, and fifty who decide the same item at once.

The server is that of `make up`, one process. Each decision answers a run that waits: it commits the answer, the run's
next state and both events, and wakes a worker before the answer comes back. The floor is one row and its commit.
"""

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import median, quantiles

from agents.fleet.models import Agent
from agents.people.actions import create_token
from agents.people.enums import TokenScope
from agents.people.models import User
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, RunState, StepState
from agents.runs.models import Decision, ReviewItem, Run, Step
from benchmarks import floors
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from console.supervisor.ports import LOOPBACK

AT_ONCE, GOAL_MS = 50, 60
KEY = "ask/1"
Answer = tuple[int, str]


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """One after another, then all at once on one item."""
    count, repeats = (5, 1) if quick else (200, 5)
    [agent] = make_agents(make_team(), 1, steps=1)
    headers = _token(agent)
    taken: list[list[float]] = []
    floor: list[float] = []
    with stand.web() as port:
        _one_by_one(port, headers, agent, 3)
        for _ in range(repeats):
            floor.append(1000 / floors.commits_per_second(stand.home, 1, 1))
            taken.append(_one_by_one(port, headers, agent, count))
        told, seconds = _all_at_once(port, headers, agent)
    won, named = told[201, ""], sum(n for (status, _who), n in told.items() if status == 409 and _who)
    ours = [quantiles(each, n=100, method="inclusive")[94] for each in taken]
    return [
        at_most("a decision over HTTP, 1 client, p95", spread(ours, "ms"), GOAL_MS),
        Row(
            "the same, p50", spread([median(each) for each in taken], "ms"), spread(floor, "ms"), "a row and its commit"
        ),
        Row(
            f"{AT_ONCE} decisions on one item at once",
            f"{won} won, {named} told who and when",
            goal=f"1, {AT_ONCE - 1}",
            met=(won, named) == (1, AT_ONCE - 1),
        ),
        Row("until the last of them was told", spread([seconds * 1000], "ms")),
    ]


def _token(agent: Agent) -> dict[str, str]:
    owner = User.objects.get(pk=agent.owners.get(role="primary").user_id)
    _row, secret = create_token(agent.team, owner, name="bench", scopes=[TokenScope.REVIEW], days=1, actor=owner)
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def _waiting(agent: Agent) -> ReviewItem:
    """The item of a run that waits for a person's step."""
    waits = Run.objects.create(
        agent=agent, flow_version=agent.assignment.flow_version, state=RunState.WAITING, last_seq=1
    )
    Step.objects.create(run=waits, key=KEY, seq=1, node="ask", kind="person", state=StepState.INTENDED)
    asked = raise_exception(agent, kind=ExceptionKind.QUESTION, title="May I?", run=waits, step_key=KEY)
    return asked.item


def _one_by_one(port: int, headers: dict[str, str], agent: Agent, count: int) -> list[float]:
    """Milliseconds of each round trip; every answer must have been kept."""
    items = [_waiting(agent) for _ in range(count)]
    connection, taken = HTTPConnection(LOOPBACK, port, timeout=30), []
    for item in items:
        begun = time.perf_counter()
        status, _said = _decide(connection, headers, item)
        taken.append((time.perf_counter() - begun) * 1000)
        assert status == 201, status
    connection.close()
    assert Decision.objects.filter(item__in=items).count() == count
    return taken


def _all_at_once(port: int, headers: dict[str, str], agent: Agent) -> tuple[Counter[Answer], float]:
    """What each of fifty clients was told about one item: a status, and who was faster."""
    item = _waiting(agent)

    def one(_number: int) -> Answer:
        connection = HTTPConnection(LOOPBACK, port, timeout=60)
        answer = _decide(connection, headers, item)
        connection.close()
        return answer

    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = Counter(pool.map(one, range(AT_ONCE)))
    assert item.decisions.count() == 1
    return told, time.perf_counter() - begun


def _decide(connection: HTTPConnection, headers: dict[str, str], item: ReviewItem) -> Answer:
    """The status, and of a refusal its sentence when it names a person and a time."""
    body = json.dumps({"kind": "respond", "note": "Yes"})
    connection.request("POST", f"/api/v1/review-items/{item.pk}/decisions", body, headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    return answer.status, said["detail"] if "already decided this (Respond, " in said.get("detail", "") else ""
