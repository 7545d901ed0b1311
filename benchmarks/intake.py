"""Messages at the stated load, 4 million a month or 1.5 a second, with a peak of ten times that; none may be lost.

Half are tickets for an agent of ours, which its workers carry out, half webhooks of another system, which are read.
They arrive at instants drawn beforehand (a Poisson process), whether or not earlier ones were answered, and each wait
counts from that instant. Meanwhile somebody reads a page again and again. Web and workers are those of `make up`.
"""

import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import quantiles
from threading import Event

from agents.base.ids import uuid7
from agents.connectors.enums import InboxState
from agents.connectors.models import InboxEvent
from agents.fleet.models import Agent
from agents.runs.enums import RunState
from agents.runs.models import Run
from benchmarks.fleet import make_agents, make_team
from benchmarks.ingest import Headers, hook, post, reported, signed_as, token
from benchmarks.pages import signed_in
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from console.supervisor.ports import LOOPBACK

MEAN, PEAK = 1.5, 15.0
"""Messages a second: 4 million in a month of 30 days, and ten times as many."""
LULL_S, PEAK_S, CLIENTS, STEPS = 30, 40, 32, 5
ACK_MS, WORST_MS, PAGE_MS, DONE_S = 250, 1000, 1000, 10
"""What is promised of an answer (p95, p99), of a page (p95), and of the last message's end after the load's."""
SEED = 4


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one stretch: seconds it took, and milliseconds to each answer and each page."""

    seconds: float
    acks: list[float]
    pages: list[float]


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """A lull, the peak, a lull; then everything must be there, read or carried out."""
    lull, peak = (2, 2) if quick else (LULL_S, PEAK_S)
    ours, theirs = make_agents(make_team(), 2, steps=STEPS)
    with ExitStack() as open:
        port = open.enter_context(stand.web())
        open.enter_context(stand.worker("urgent", 1))
        open.enter_context(stand.worker("bulk", 2))
        sends = (_ticket(port, ours), _webhook(port, theirs))
        for send in sends:  # a process that has just started imports what the first request needs
            send()
        loads = [
            _load(port, ours, sends, rate, seconds) for rate, seconds in ((MEAN, lull), (PEAK, peak), (MEAN, lull))
        ]
        sent = len(sends) + sum(len(load.acks) for load in loads)
        late = _settled(ours, theirs, sent)
    return [
        *_rows(loads),
        at_most("the last is carried out or read after the load", spread([late], "s"), DONE_S),
        _lost(ours, theirs, sent),
    ]


def _rows(loads: list[Load]) -> list[Row]:
    before, peak, _after = loads
    calm, high = (len(load.acks) / load.seconds for load in (before, peak))
    return [
        Row("messages a second, as they arrived", f"{calm:.1f}, at the peak {high:.1f}", goal=f"{MEAN}, {PEAK}"),
        at_most("message kept and acknowledged, mean load, p95", spread([_at(95, before.acks)], "ms"), ACK_MS),
        at_most("the same at the peak, p95", spread([_at(95, peak.acks)], "ms"), ACK_MS),
        at_most("the same at the peak, p99", spread([_at(99, peak.acks)], "ms"), WORST_MS),
        at_most("a page meanwhile, p95", spread([_at(95, peak.pages)], "ms"), PAGE_MS),
    ]


def _lost(ours: Agent, theirs: Agent, sent: int) -> Row:
    done = Run.objects.filter(agent__in=(ours, theirs), state=RunState.DONE).count()
    return Row(f"lost of {sent} messages", str(sent - done), goal="0", met=sent == done)


def _load(port: int, agent: Agent, sends: tuple[Callable[[], None], ...], rate: float, seconds: float) -> Load:
    """Every message sends itself at its instant; as many wait for an answer as have to."""
    instants, chance, at = [], random.Random(SEED), 0.0
    while (at := at + chance.expovariate(rate)) < seconds:
        instants.append(at)
    begun, over = time.perf_counter(), Event()

    def one(numbered: tuple[int, float]) -> float:
        number, instant = numbered
        time.sleep(max(begun + instant - time.perf_counter(), 0))
        sends[number % len(sends)]()
        return (time.perf_counter() - begun - instant) * 1000

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        reader = pool.submit(_read, port, signed_in(agent), over)
        try:
            acks = list(pool.map(one, enumerate(instants)))
        finally:
            over.set()
        pages = reader.result()
    return Load(time.perf_counter() - begun, acks, pages)


def _read(port: int, cookie: str, over: Event) -> list[float]:
    """Milliseconds of each look at Today, four a second, until the load is over."""
    taken: list[float] = []
    with closing(HTTPConnection(LOOPBACK, port, timeout=30)) as connection:
        while not over.wait(0.25) or not taken:
            begun = time.perf_counter()
            connection.request("GET", "/", headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            taken.append((time.perf_counter() - begun) * 1000)
    return taken


def _ticket(port: int, agent: Agent) -> Callable[[], None]:
    headers, path = token(agent), f"/api/v1/agents/{agent.slug}/runs"

    def send() -> None:
        body = {"text": "Where is my refund?", "external_id": uuid7().hex}
        _posted(port, path, json.dumps(body).encode(), headers, 201)

    return send


def _webhook(port: int, agent: Agent) -> Callable[[], None]:
    path, secret = hook(agent)

    def send() -> None:
        body = json.dumps(reported(agent)).encode()
        _posted(port, path, body, signed_as(secret, uuid7().hex, body), 202)

    return send


def _posted(port: int, path: str, body: bytes, headers: Headers, wanted: int) -> None:
    """Over a connection of its own, as whoever sends one message now and then does."""
    with closing(HTTPConnection(LOOPBACK, port, timeout=60)) as connection:
        post(connection, path, body, headers, wanted)


def _settled(ours: Agent, theirs: Agent, sent: int) -> float:
    """Seconds from now until every message is read and carried out, or a minute."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < 60:
        open_ = InboxEvent.objects.filter(source__team=ours.team).exclude(state=InboxState.PARSED).exists()
        done = Run.objects.filter(agent__in=(ours, theirs), state=RunState.DONE).count()
        if done == sent and not open_:
            break
        time.sleep(0.1)
    return time.perf_counter() - begun


def _at(percentile: int, values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[percentile - 1] if len(values) > 1 else values[0]
