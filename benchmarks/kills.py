"""A fan-out whose worker is killed, ten times over, and one to systems that stumble and hang: none twice, none lost.

Each kill is a SIGKILL of the process that carries the deliveries, while some of them are stored and others are not; the
beat's part, a wake-up a second, is played here. Leases are short so that a repeat takes seconds.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from agents.connectors.models import Connection
from agents.fleet.models import Agent
from agents.runs.wake import wire
from benchmarks.fanout import begin, fleet, receiver, told_twice
from benchmarks.receiver import HUNG, hung
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from campaigns.enums import Rung
from campaigns.invariants import INVARIANTS
from campaigns.models import Broadcast
from console.supervisor.ports import LOOPBACK

AGENTS, KILLS, LEASE_S, DEADLINE_S = 500, 10, 6, 600.0
BOUND_S = 150
"""Six tries of ten seconds, the pauses between them (2, 4, 8, 16, 32 s, a quarter more at most), a look each second.

A host of many systems that hang is left alone between tries, so these may take five minutes more (`RESTS`).
"""


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Quick: one kill, and nobody hangs."""
    os.environ["DELIVERY_LEASE"] = str(LEASE_S)
    kills = 1 if quick else KILLS
    with receiver(stand) as url, stand.worker("urgent", 1) as worker:
        agents = fleet(AGENTS, url)
        lost = sum(_killed(agents, worker.pid) for _ in range(kills))
        twice = told_twice(url)
    what = f"worker killed in the fan-out, {kills} times, {AGENTS} agents"
    rows = [_none(f"{what}: told twice", twice), _none(f"{what}: unaccounted for", lost)]
    return rows if quick else rows + _moody(stand)


def _moody(stand: Stand) -> list[Row]:
    del os.environ["DELIVERY_LEASE"]  # a system that hangs takes longer than a short one
    with receiver(stand, "moody") as url, stand.worker("urgent", 1):
        agents = fleet(AGENTS, url)
        for number in range(HUNG):
            address = url.replace(LOOPBACK, hung(number))
            Connection.objects.filter(agent=agents[7 + 50 * number]).update(base_url=f"{address}a-{7 + 50 * number}")
        sent, _click = begin(agents)
        begun = time.monotonic()
        _until_over(sent)
        taken = time.monotonic() - begun
        twice = told_twice(url)
    states = Counter(sent.deliveries.values_list("state", flat=True))
    met = states == {Rung.STORED: AGENTS - HUNG, Rung.FAILED: HUNG}
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    what = f"{AGENTS} agents, 5 % stumble twice, 2 % hang"
    return [
        Row(what, said, goal=f"{AGENTS - HUNG} stored, {HUNG} failed", met=met),
        at_most(f"{what}: until each is accounted for", spread([taken], "s"), BOUND_S),
        _none(f"{what}: told twice", twice),
    ]


def _killed(agents: list[Agent], worker: int) -> int:
    """How many deliveries were lost or are in no state that their receipts tell."""
    sent, _click = begin(agents)
    stored = sent.deliveries.filter(state=Rung.STORED)
    _until(stored.exists, 0.002)
    for child in _children(worker):
        os.kill(child, signal.SIGKILL)
    assert stored.count() < len(agents), "The worker was done before it was killed."
    _until_over(sent)
    return len(agents) - stored.count() + sum(len(broken()) for _name, broken in INVARIANTS)


def _until_over(sent: Broadcast) -> None:
    def over() -> bool:
        wire.send("campaigns.sweep", [], "urgent")
        return not sent.deliveries.filter(state=Rung.QUEUED).exists()

    _until(over, 1)


def _until(done: Callable[[], bool], pause: float) -> None:
    ends = time.monotonic() + DEADLINE_S
    while not done():
        if time.monotonic() > ends:
            raise TimeoutError("The fan-out does not end.")
        time.sleep(pause)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _none(what: str, count: int) -> Row:
    return Row(what, str(count), goal="0", met=count == 0)
