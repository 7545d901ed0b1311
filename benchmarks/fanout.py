"""Fan-out to endpoints that take 50 ms: from the commit of a broadcast to the last receipt, every state durable.

The floor is aiohttp with 200 connections and one row a delivery, acknowledged in batches: no hash, no trail, no lease.
The peer is a Celery group of a task a delivery (`benchmarks.group`).
"""

import asyncio
import gc
import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

import aiohttp
import psycopg
from django.conf import settings
from django.db import transaction

from agents.base.ids import uuid7
from agents.base.models import Secret
from agents.base.sql import first
from agents.connectors.models import Connection
from agents.connectors.models.connections import OWNER_TYPE
from agents.fleet.enums import Function, Lifecycle, OwnerRole, Vendor
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import sync_grants
from agents.people.enums import TeamRole
from agents.people.models import User
from benchmarks.fleet import make_team
from benchmarks.receiver import HUNG, hung
from benchmarks.stand import Stand
from benchmarks.table import Row, against, at_most, spread
from campaigns.actions import approve_version, broadcast, create_campaign, validate_version
from campaigns.enums import Rung
from campaigns.models import Broadcast
from console.supervisor.ports import LOOPBACK, any_free
from tests.cast import make_user
from tests.connectors.connected import HOOK_SECRET

FEW, MANY, DEADLINE_S = 20, 2000, 120.0
GOAL_S, MOST, LEAST = 0.12, 1.3, 7
PROCESSES = 16
WAITING = "SELECT FROM campaigns_delivery WHERE broadcast_id = %s AND state = 'queued' LIMIT 1"
TABLE = "CREATE TABLE IF NOT EXISTS floor_fanout (id bigint PRIMARY KEY, state text NOT NULL)"


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Each repeat is a new campaign; floor and ours one after the other."""
    many, repeats = (100, 1) if quick else (MANY, 5)
    ours: dict[int, list[float]] = {FEW: [], many: []}
    floor: dict[int, list[float]] = {FEW: [], many: []}
    clicks: list[float] = []
    grouped: list[float] = []
    with receiver(stand) as url, stand.worker("urgent", 1), _group(stand):
        agents = fleet(many, url)
        gc.freeze()  # what is imported and made by now is nothing that floor or ours should go through again
        _timed(agents[:FEW])
        for _ in range(repeats):
            for count in ours:
                floor[count].append(asyncio.run(_floor(url, count)))
                click, taken = _timed(agents[:count])
                ours[count].append(taken)
                clicks += [click] if count == FEW else []
            grouped.append(_grouped(url, many))
        twice = told_twice(url)
    return [
        at_most(f"{FEW} agents of 50 ms, commit to last receipt", spread(ours[FEW], "s"), GOAL_S),
        Row("the same, until the submission is committed", spread(clicks, "s")),
        against(
            f"{many} agents of 50 ms, commit to last receipt",
            spread(ours[many], "s"),
            spread(floor[many], "s"),
            "aiohttp, a row each, acknowledged in batches",
            most=MOST,
        ),
        against(
            "the same, deliveries a second",
            spread([many / taken for taken in ours[many]], "/s"),
            spread([many / taken for taken in grouped], "/s"),
            f"Celery group, {PROCESSES} processes, a task and two commits each",
            least=LEAST,
        ),
        Row("told twice at the receiver", str(twice), goal="0", met=twice == 0),
    ]


def _group(stand: Stand) -> AbstractContextManager[object]:
    options = ("worker", "-Q", "group", "-n", "group@%h", "-c", str(PROCESSES), "-l", "INFO")
    return stand.running((sys.executable, "-m", "celery", "-A", "benchmarks.group", *options), " ready.")


def _grouped(url: str, count: int) -> float:
    from benchmarks import group  # its broker is the stand's

    begun = time.perf_counter()
    group.submit(urlsplit(url).netloc, count)
    while left := group.waiting():
        if time.perf_counter() > begun + DEADLINE_S:
            raise TimeoutError(f"{left} of {count} tasks of the group still wait.")
        time.sleep(0.01)
    return time.perf_counter() - begun


@contextmanager
def receiver(stand: Stand, *moods: str) -> Iterator[str]:
    """The address of a `benchmarks.receiver`, allowed to be called."""
    port = any_free()
    settings.EGRESS_ALLOW = [f"{host}:{port}" for host in (LOOPBACK, *map(hung, range(HUNG)))]
    os.environ["EGRESS_ALLOW"] = ",".join(settings.EGRESS_ALLOW)
    with stand.running((sys.executable, "-m", "benchmarks.receiver", str(port), *moods), "listening"):
        yield f"http://{LOOPBACK}:{port}/"


def told_twice(url: str) -> int:
    """How many systems were told one version more than once."""
    with urllib.request.urlopen(url) as answer:
        return int(json.load(answer)["twice"])


@transaction.atomic
def fleet(count: int, url: str) -> list[Agent]:
    """Agents with webhooks, one path each, of two owners."""
    team = make_team()
    owners = [(make_user(team, f"{role}{uuid7().hex[-8:]}", TeamRole.MANAGER), role) for role in OwnerRole.values[:2]]
    fixed = {"team": team, "vendor": Vendor.WEBHOOK, "function": Function.SUPPORT, "lifecycle": Lifecycle.ONBOARDING}
    agents = [Agent(slug=f"a-{number}", name=f"a-{number}", **fixed) for number in range(count)]
    Agent.objects.bulk_create(agents)
    AgentOwner.objects.bulk_create(
        AgentOwner(agent=agent, user=user, role=role) for agent in agents for user, role in owners
    )
    sync_grants(Agent.objects.filter(team=team))
    links = Connection.objects.bulk_create(Connection(agent=each, base_url=f"{url}{each.slug}") for each in agents)
    named = {"owner_type": OWNER_TYPE, "name": "signing_secret", "value": HOOK_SECRET}
    Secret.objects.bulk_create(Secret(owner_id=link.pk, **named) for link in links)
    return agents


def _timed(agents: list[Agent]) -> tuple[float, float]:
    """Seconds of the submission, and from its commit until no delivery waits; all must be stored."""
    sent, click = begin(agents)
    committed = time.perf_counter()
    while first(WAITING, [sent.pk]) is not None:
        if time.perf_counter() > committed + DEADLINE_S:
            raise TimeoutError(f"Not all of {len(agents)} deliveries had a receipt within {DEADLINE_S:.0f} s.")
        time.sleep(len(agents) / 100_000)  # looking more often would slow down what is measured
    taken = time.perf_counter() - committed
    assert sent.deliveries.filter(state=Rung.STORED).count() == len(agents)
    return click, taken


def begin(agents: list[Agent]) -> tuple[Broadcast, float]:
    """A new campaign on its way to all of them, and the seconds of its submission."""
    owner, other = User.objects.filter(ownerships__agent=agents[0]).order_by("ownerships__role")
    name = f"Early-bird {uuid7().hex[-12:]}"
    draft = create_campaign(agents[0].team, actor=owner, name=name, offer=name, price_micros=429_000_000)
    validate_version(draft, agents, actor=owner)
    approve_version(draft, actor=other, revision=draft.revision)
    begun = time.perf_counter()
    sent = broadcast(draft, agents, actor=owner, idempotency_key=name)
    return sent, time.perf_counter() - begun


async def _floor(url: str, count: int) -> float:
    body = json.dumps({"type": "context.published", "data": {"text": "x" * 2000, "version": uuid7().hex}}).encode()
    database = await psycopg.AsyncConnection.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)
    await database.execute(TABLE)
    await database.execute("TRUNCATE floor_fanout")
    landed: list[int] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200)) as session:
        begun = time.perf_counter()
        await database.execute("INSERT INTO floor_fanout SELECT i, 'sending' FROM generate_series(1, %s) i", (count,))

        async def tell(number: int) -> None:
            async with session.post(f"{url}floor-{number}", data=body) as answer:
                await answer.read()
                assert answer.status == 200
            landed.append(number)

        calls = [asyncio.create_task(tell(number)) for number in range(1, count + 1)]
        done = 0
        while done < count:
            await asyncio.sleep(0.001)
            batch, landed[:] = landed[:], []
            if batch:
                await database.execute("UPDATE floor_fanout SET state = 'acked' WHERE id = ANY(%s)", (batch,))
                done += len(batch)
        await asyncio.gather(*calls)
        taken = time.perf_counter() - begun
    await database.close()
    return taken
