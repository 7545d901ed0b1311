"""Runs of other systems coming in: reported in batches over HTTP, and webhooks in a burst.

The server is that of `make up`, one process. An answer counts when it has come back, which is after the commit; at the
end every step must be there once. The floor copies as many rows of the same width, without keys, and commits.
"""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any

import psycopg

from agents.base.ids import uuid7
from agents.connectors.actions import open_source
from agents.connectors.models import InboxEvent
from agents.connectors.signing import signed
from agents.fleet.models import Agent
from agents.people.actions import create_token
from agents.people.enums import TeamRole, TokenScope
from agents.people.models import User
from agents.runs.models import Step
from benchmarks import floors
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row, at_least, at_most, spread
from console.supervisor.ports import LOOPBACK
from tests.cast import make_user

STEPS, CLIENTS, SAME = 10, 2, 50
GOAL, ACK_MS = 5000, 100
FLOOR = """
CREATE TABLE IF NOT EXISTS floor_ingest (data jsonb, node text, kind text, a int, b int, c bigint, d int)
"""
Headers = dict[str, str]


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Batches in turns with their floor, then webhooks: many, and one and the same fifty times at once."""
    runs, batches, hooks = (20, 1, 10) if quick else (200, 4, 200)
    team = make_team()
    [agent] = make_agents(team, 1, steps=1)
    headers = token(agent)
    pace: list[float] = []
    floor: list[float] = []
    with stand.web() as port, closing(floors.connect()) as connection:
        _report(port, headers, [_batch(agent, runs)])
        for _ in range(1 if quick else 5):
            loads = [[_batch(agent, runs) for _ in range(batches)] for _ in range(CLIENTS)]
            floor.append(_copied(connection, runs * STEPS * batches))
            pace.append(_together(port, headers, loads))
        acks = _burst(port, agent, hooks)
        one = _identical(port, agent)
    _insist(agent, runs * (1 + len(pace) * batches * CLIENTS))
    name = f"runs reported in batches of {runs} × {STEPS} steps, {CLIENTS} clients"
    return [
        at_least(name, spread(pace, "steps/s"), GOAL, spread(floor, "steps/s"), "COPY without keys + commit, 1 client"),
        at_most("webhook kept and acknowledged, 1 client, p50", spread([median(acks)], "ms"), ACK_MS),
        at_most("the same, p99", spread([quantiles(acks, n=100)[98]], "ms"), 1000),
        Row(f"{SAME} identical webhooks at once", f"{one} row", goal="1 row, one answer", met=one == 1),
    ]


def token(agent: Agent) -> Headers:
    """Of a machine with every scope."""
    owner = User.objects.get(pk=agent.owners.get(role="primary").user_id)
    _row, secret = create_token(agent.team, owner, name="bench", scopes=TokenScope.values, days=1, actor=owner)
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def _batch(agent: Agent, runs: int) -> bytes:
    return json.dumps({"items": [reported(agent) for _ in range(runs)]}).encode()


def reported(agent: Agent) -> dict[str, Any]:
    """A run as another system tells of it."""
    return {
        "agent": agent.slug,
        "external_id": uuid7().hex,
        "title": "Where is my refund?",
        "input": {"text": "I sent the parcel back two weeks ago and have heard nothing since."},
        "started_at": "2026-11-20T23:30:00Z",
        "finished_at": "2026-11-20T23:31:00Z",
        "steps": [_step(number) for number in range(STEPS)],
    }


def _step(number: int) -> dict[str, Any]:
    return {
        "name": f"look_up_{number}",
        "kind": "tool",
        "input": {"order": "88213", "fields": ["status", "paid_at"]},
        "output": {"status": "returned", "paid_at": None, "note": "The warehouse has it; finance has not released it."},
        "tokens_in": 812,
        "tokens_out": 64,
        "cost": "0.0021",
        "latency_ms": 340,
        "started_at": "2026-11-20T23:30:00Z",
        "finished_at": "2026-11-20T23:30:01Z",
    }


def _together(port: int, headers: Headers, loads: list[list[bytes]]) -> float:
    """Steps a second, all clients at once."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(loads)) as pool:
        steps = sum(pool.map(lambda load: _report(port, headers, load), loads))
    return steps / (time.perf_counter() - begun)


def _report(port: int, headers: Headers, batches: list[bytes]) -> int:
    """How many steps were acknowledged."""
    steps = 0
    with closing(HTTPConnection(LOOPBACK, port, timeout=60)) as connection:
        for batch in batches:
            told = json.loads(post(connection, "/api/v1/runs:batch", batch, headers, 200))
            assert told["rejected"] == 0, told
            steps += sum(each["run"]["steps"] for each in told["results"])
    return steps


def post(connection: HTTPConnection, path: str, body: bytes, headers: Headers, wanted: int) -> bytes:
    """What came back, with the status that was wanted."""
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    assert answer.status == wanted, said[:500]
    return said


def _copied(connection: psycopg.Connection, rows: int) -> float:
    """Rows a second of a bare COPY into a table without keys."""
    row = (json.dumps(_step(0)), "look_up", "tool", 812, 64, 2100, 340)
    connection.execute(FLOOR)
    begun = time.perf_counter()
    copying = "COPY floor_ingest FROM STDIN"
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(copying) as copy:
        for _ in range(rows):
            copy.write_row(row)
    return rows / (time.perf_counter() - begun)


def hook(agent: Agent) -> tuple[str, str]:
    """An address of its own and its secret."""
    chief = make_user(agent.team, f"Cleo{uuid7().hex[-8:]}", TeamRole.CHIEF)
    source, secret = open_source(agent.team, name=uuid7().hex, actor=chief)
    return f"/hooks/{source.pk}", secret


def signed_as(secret: str, key: str, body: bytes) -> Headers:
    """The headers of a webhook with this id."""
    return signed(secret, key, body) | {"Content-Type": "application/json"}


def _burst(port: int, agent: Agent, count: int) -> list[float]:
    """Milliseconds from request to 202, one after another."""
    (path, secret), taken = hook(agent), []
    with closing(HTTPConnection(LOOPBACK, port, timeout=30)) as connection:
        for _ in range(count):
            body = json.dumps(reported(agent)).encode()
            headers = signed_as(secret, uuid7().hex, body)
            begun = time.perf_counter()
            post(connection, path, body, headers, 202)
            taken.append((time.perf_counter() - begun) * 1000)
    return taken


def _identical(port: int, agent: Agent) -> int:
    """How many rows one webhook makes that comes fifty times at once; every answer must be the same."""
    path, secret = hook(agent)
    body = json.dumps(reported(agent)).encode()
    headers = signed_as(secret, "msg_same", body)

    def one(_turn: int) -> bytes:
        with closing(HTTPConnection(LOOPBACK, port, timeout=30)) as connection:
            return post(connection, path, body, headers, 202)

    with ThreadPoolExecutor(SAME) as pool:
        answers = set(pool.map(one, range(SAME)))
    assert len(answers) == 1, answers
    return InboxEvent.objects.filter(external_id="msg_same").count()


def _insist(agent: Agent, runs: int) -> None:
    assert agent.runs.count() == runs
    assert Step.objects.filter(run__agent=agent).count() == runs * STEPS
