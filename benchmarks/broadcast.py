"""One submission to 25 agents of nine kinds: from before the action until the last automatic receipt.

The worker is that of `make up` for the queue `urgent`; the vendors are the rehearsal's, over HTTP. The peer asks the
same adapters one after another. At the end every delivery must have its receipt, and none may have failed.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from agents.base.ids import uuid7
from agents.connectors.registry import adapter
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from agents.people.models import User
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread
from campaigns.actions import approve_version, broadcast, create_campaign, validate_version
from campaigns.enums import CONFIRMED, Rung
from campaigns.models import Broadcast, Delivery
from console.supervisor import commands
from console.supervisor.ports import LOOPBACK, any_free
from tests.connectors.connected import PLACES, connect

COUNT, GOAL_S, DEADLINE_S = 25, 5, 60.0
AUTOMATIC = (*CONFIRMED, Rung.SENT, Rung.MANUAL_PENDING)
KINDS = (Vendor.OURS, Vendor.MANUAL, *(Vendor(vendor) for vendor in PLACES))


@dataclass(frozen=True)
class Place:
    """Where the rehearsal listens, as `connect` asks for it."""

    url: str


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """A new campaign each time, so that every agent has to be told."""
    whole: list[float] = []
    asked: list[float] = []
    alone: list[float] = []
    with _vendors(stand) as place, stand.worker("urgent", 1):
        agents = _fleet(place)
        _timed(agents)  # what an earlier bench left in the worker's queue is carried out first
        for _ in range(1 if quick else 5):
            alone.append(_one_after_another(agents))
            submitted, ended = _timed(agents)
            asked.append(submitted)
            whole.append(ended)
    peer = spread(alone, "s")
    last = at_most(f"broadcast to {COUNT} agents, to the last automatic receipt", spread(whole, "s"), GOAL_S)
    return [
        Row(last.what, last.ours, peer, "the same adapters one after another", last.goal, last.met),
        Row("the same, until the submission is committed", spread(asked, "s")),
    ]


@contextmanager
def _vendors(stand: Stand) -> Iterator[Place]:
    port = any_free()
    os.environ["EGRESS_ALLOW"] = f"{LOOPBACK}:{port}"
    settings.EGRESS_ALLOW = [f"{LOOPBACK}:{port}"]
    with stand.running(commands.rehearsal(port), "listening on"):
        yield Place(f"http://{LOOPBACK}:{port}")


def _fleet(place: Place) -> list[Agent]:
    """As many of each kind as 25 allow, each with an account of its own."""
    agents = make_agents(make_team(), COUNT, steps=1)
    for number, agent in enumerate(agents):
        vendor = KINDS[number % len(KINDS)]
        if vendor in PLACES:
            connect(agent, vendor, place, seed=agent.slug)  # type: ignore[arg-type]
        Agent.objects.filter(pk=agent.pk).update(vendor=vendor)
    return list(Agent.objects.filter(pk__in=[agent.pk for agent in agents]).order_by("pk"))


def _one_after_another(agents: list[Agent]) -> float:
    begun, name = time.perf_counter(), str(uuid7())
    for agent in agents:
        adapter(agent).push_context(f"Ticket {name}", version_id=name, key=f"{name}-{agent.slug}")
    return time.perf_counter() - begun


def _timed(agents: list[Agent]) -> tuple[float, float]:
    """Seconds until the submission was committed, and until every delivery had more than its first receipt."""
    actor = User.objects.get(ownerships__agent=agents[0], ownerships__role="primary")
    name = f"Early-bird {uuid7().hex[-12:]}"
    draft = create_campaign(agents[0].team, actor=actor, name=name, offer=name, price_micros=429_000_000)
    validate_version(draft, agents, actor=actor)
    second = User.objects.get(ownerships__agent=agents[0], ownerships__role="second")
    approve_version(draft, actor=second, revision=draft.revision)
    begun = time.perf_counter()
    sent = broadcast(draft, agents, actor=actor, idempotency_key=name)
    submitted = time.perf_counter() - begun
    while _open(sent):
        if time.perf_counter() > begun + DEADLINE_S:
            raise TimeoutError(f"Not all of {COUNT} agents had a receipt within {DEADLINE_S:.0f} s.")
        time.sleep(0.02)
    ended = time.perf_counter() - begun
    assert sent.deliveries.filter(state__in=AUTOMATIC).count() == COUNT
    return submitted, ended


def _open(sent: Broadcast) -> bool:
    return Delivery.objects.filter(broadcast=sent, state=Rung.QUEUED).exists()
