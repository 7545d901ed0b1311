"""A worker is killed in the middle of a broadcast: every agent is told, once, and the newest word is the last."""

import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from agents.base.models import Secret
from agents.connectors.models import Connection
from agents.connectors.models.connections import OWNER_TYPE
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from agents.runs.wake import wire
from campaigns.actions import begin_version, edit_draft, sweep
from campaigns.enums import Rung
from campaigns.invariants import INVARIANTS
from campaigns.models import Broadcast, Delivery
from tests.campaigns.stage import a_draft, agents, sent
from tests.cast import Cast, make_cast
from tests.chaos.fleet import Fleet, fleet
from tests.connectors.connected import HOOK_SECRET

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AGENTS = 25
FULL = os.environ.get("CHAOS") == "full"
KILLS, MANY = (10, 500) if FULL else (1, 60)
STUMBLE = 20
"""One of so many systems answers its first two calls with 500."""


class Vendors(ThreadingHTTPServer):
    """25 systems in one: each keeps what it was told by the path, and who told it how often."""

    daemon_threads = True
    request_queue_size = 1024
    """With the default of 5, requests given up long ago are still taken in after a read-back said they were not."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.held: dict[str, str] = {}
        self.told: Counter[tuple[str, str]] = Counter()
        self.heard: dict[str, list[str]] = {}
        self.moody: Counter[str] = Counter()
        self.silent = ""
        self.over = threading.Event()
        self.address = f"127.0.0.1:{self.server_port}"


class Listener(BaseHTTPRequestHandler):
    server: Vendors

    def do_POST(self) -> None:
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.moody[self.path] > 0:
            self.server.moody[self.path] -= 1
            self.send_error(500)
            return
        if event["type"] == "context.published":
            time.sleep(0.02)
            self.server.held[self.path] = event["data"]["text"]
            self.server.told[self.path, event["data"]["version"]] += 1
            self.server.heard.setdefault(self.path, []).append(event["data"]["version"])
            if self.path == self.server.silent:
                self.server.over.wait()
        held = self.server.held.get(self.path, "")
        said = json.dumps({"sha256": hashlib.sha256(held.encode()).hexdigest() if held else ""}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Silent."""


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    server = Vendors()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join(60)


@pytest.fixture
def house(transactional_db: None, vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    monkeypatch.setenv("EGRESS_ALLOW", vendors.address)
    with fleet() as one:
        yield one


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def connected(cast: Cast, vendors: Vendors, count: int = AGENTS) -> list[Agent]:
    chosen = agents(cast, count, Vendor.WEBHOOK)
    for agent in chosen:
        row = Connection.objects.create(agent=agent, base_url=f"http://{vendors.address}/{agent.slug}")
        Secret.objects.create(owner_type=OWNER_TYPE, owner_id=row.pk, name="signing_secret", value=HOOK_SECRET)
    return chosen


def settled(found: Broadcast) -> bool:
    return not found.deliveries.filter(state=Rung.QUEUED).exists()


def wake_until(found: Broadcast, seconds: float) -> None:
    """The scheduler's part, played by the test: a wake-up every half second."""
    end = time.monotonic() + seconds
    while not settled(found):
        assert time.monotonic() < end, list(found.deliveries.values_list("state", "tries", "error"))
        wire.send("campaigns.sweep", [], "urgent")
        time.sleep(0.5)


def test_kill_9_in_the_fan_out_loses_nobody_and_tells_nobody_twice(house: Fleet, cast: Cast, vendors: Vendors) -> None:
    chosen = connected(cast, vendors)
    vendors.silent = f"/{chosen[0].slug}"  # on its way when the worker dies, however many others land together
    house.start_worker("broadcast.after_fanout_row:kill9:2")
    draft = a_draft(cast)
    for number in range(KILLS):
        found = sent(draft, chosen, cast.owner, "price")
        wake_until(found, 120)
        assert found.deliveries.filter(state=Rung.STORED).count() == AGENTS
        assert found.deliveries.filter(tries__gt=1).exists()
        draft = begin_version(found.campaign, actor=cast.owner)
        draft = edit_draft(draft, actor=cast.owner, price_micros=(500 + number) * 1_000_000)
    assert Counter(path for path, _version in vendors.told) == {f"/{agent.slug}": KILLS for agent in chosen}
    assert set(vendors.told.values()) == {1}
    assert [(name, broken) for name, ask in INVARIANTS if (broken := ask())] == []
    sweep()
    assert Delivery.objects.count() == AGENTS * KILLS


def test_a_newer_broadcast_overtakes_an_older_one_past_systems_that_stumble(
    house: Fleet, cast: Cast, vendors: Vendors
) -> None:
    chosen = connected(cast, vendors, MANY)
    vendors.moody.update({f"/{agent.slug}": 2 for agent in chosen[::STUMBLE]})
    house.start_worker()
    older = sent(a_draft(cast), chosen, cast.owner)
    while older.deliveries.filter(state=Rung.STORED).count() < MANY // 4:
        time.sleep(0.02)
    draft = edit_draft(begin_version(older.campaign, actor=cast.owner), actor=cast.owner, price_micros=399_000_000)
    newer = sent(draft, chosen, cast.owner, "price")
    wake_until(newer, 200)
    states = Counter(older.deliveries.values_list("state", flat=True))
    assert states[Rung.STORED] + states[Rung.NOT_APPLICABLE] == MANY
    assert states[Rung.NOT_APPLICABLE] > 0
    assert Counter(newer.deliveries.values_list("state", flat=True)) == {Rung.STORED: MANY}
    assert set(vendors.told.values()) == {1}
    last = {path: versions[-1] for path, versions in vendors.heard.items()}
    assert last == {f"/{agent.slug}": str(newer.version_id) for agent in chosen}
    assert all("$399.00" in text for text in vendors.held.values())
    assert [(name, broken) for name, ask in INVARIANTS if (broken := ask())] == []
