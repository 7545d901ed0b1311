"""An agent is told of a change by webhook, fetches it with an ETag, and its 304 is the receipt; so for the recall."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from agents.connectors.models import Connection
from agents.fleet.enums import Vendor
from agents.people.actions import create_token
from agents.people.enums import TokenScope
from campaigns.actions import deliver, recall
from campaigns.enums import Rung
from campaigns.models import Delivery
from tests.campaigns.stage import a_draft, agents, sent
from tests.cast import make_cast
from tests.connectors.connected import HOOK_SECRET, credential

Event = dict[str, Any]
pytestmark = pytest.mark.django_db(transaction=True)


class Listener(HTTPServer):
    """An agent that takes note of each event and says only that it came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearing)
        self.heard: list[Event] = []


class Hearing(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        self.server.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the console of the tests."""


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.EGRESS_ALLOW = [f"127.0.0.1:{server.server_port}"]
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_told_by_webhook_fetched_by_api_and_confirmed_by_its_etag(listener: Listener) -> None:
    house = make_cast()
    [agent] = agents(house, 1, Vendor.WEBHOOK)
    link = Connection.objects.create(agent=agent, base_url=f"http://127.0.0.1:{listener.server_port}/")
    credential(link, "signing_secret", HOOK_SECRET)
    _token, secret = create_token(
        house.team, house.owner, name="agent", scopes=[TokenScope.CONTEXT], days=1, actor=house.owner
    )
    client, path = Client(headers={"Authorization": f"Bearer {secret}"}), f"/api/v1/agents/{agent.slug}/context"

    def follows(known: str, parts: int) -> str:
        """It hears of the change, fetches it, and comes back with the ETag, which is returned."""
        listener.heard.clear()
        deliver()
        told = Delivery.objects.latest("number")
        [event] = (each["data"] for each in listener.heard if each["type"] == "context.published")
        assert (event["sha256"], told.state) == (told.sha256, Rung.SENT)
        answer = client.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, len(answer.json()["parts"])) == (200, parts)
        assert client.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        receipts = told.receipts.order_by("at", "pk").values_list("rung", "evidence__read_back")
        assert list(receipts) == [("queued", None), ("sent", None), ("stored", "pull")]
        return str(answer["ETag"])

    first = sent(a_draft(house), [agent], house.owner)
    etag = follows("", parts=1)
    recall(first, actor=house.owner, reason="Wrong price")
    assert follows(etag, parts=0) != etag
