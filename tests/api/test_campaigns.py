"""Campaigns by machine: drafted, validated, broadcast, confirmed, recalled."""

import hashlib
from typing import Any

import pytest
from django.test import Client

from agents.fleet.enums import OwnerRole
from agents.people.actions import create_token
from agents.people.enums import TokenScope
from campaigns.actions import approve_version, begin_version, edit_draft
from campaigns.enums import Rung
from campaigns.models import ContextVersion, Delivery
from tests.campaigns.stage import a_draft, sent
from tests.cast import Cast, make_agent

FACTS = {"offer": "Ticket", "price_micros": 429_000_000, "valid_to": "2099-12-01T04:59:00Z", "say": ["Group rate."]}


@pytest.fixture
def robot(cast: Cast) -> Client:
    _token, secret = create_token(
        cast.team, cast.owner, name="m", scopes=[TokenScope.READ, TokenScope.BROADCAST], days=1, actor=cast.owner
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(client: Client, path: str, body: Any, method: str = "post", **headers: str) -> Any:
    return getattr(client, method)(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_a_campaign_goes_from_draft_to_receipts_and_back(cast: Cast, robot: Client) -> None:
    make_agent(cast.team, "theirs", (cast.manager, OwnerRole.PRIMARY), (cast.chief, OwnerRole.SECOND))
    draft = send(robot, "/campaigns", {"name": "Early-bird price"}).json()
    path = f"/versions/{draft['id']}"
    edited = send(robot, path, {**FACTS, "revision": draft["revision"]}, "patch").json()
    assert (edited["price_micros"], edited["revision"]) == (429_000_000, 2)
    late = send(robot, path, {"offer": "Other", "revision": 1}, "patch")
    assert (late.status_code, late.json()["code"]) == (409, "edited_meanwhile")
    assert send(robot, f"{path}/broadcasts", {}).json()["code"] == "not_validated"
    assert send(robot, f"{path}/validate", {"signed": ["far:valid_to"]}).json()["state"] == "validated"
    assert send(robot, f"{path}/broadcasts", {}).json()["code"] == "needs_second"
    assert send(robot, f"{path}/approve", {"revision": 2}).json()["code"] == "second_person"
    approve_version(ContextVersion.objects.get(), actor=cast.second, revision=2)
    first = send(robot, f"{path}/broadcasts", {}, **{"Idempotency-Key": "k"})
    again = send(robot, f"{path}/broadcasts", {}, **{"Idempotency-Key": "k"})
    sent = first.json()
    assert (first.status_code, sent) == (201, again.json())
    assert [(each["agent"], each["state"]) for each in sent["deliveries"]] == [("refund-agent", "queued")]
    assert sent["asked"] == ["theirs"]
    by_hand = {"evidence": "Pasted", "minutes": 2}
    confirmed = send(robot, f"/deliveries/{sent['deliveries'][0]['id']}/confirm", by_hand).json()
    assert [each["rung"] for each in confirmed["receipts"]] == ["queued", "manual_done"]
    back = send(robot, f"/broadcasts/{sent['id']}/recall", {"reason": "Wrong price"}).json()
    assert (back["recalls"], back["version"], Delivery.objects.count()) == (sent["id"], None, 2)
    recalled = [first.json()["deliveries"][0]["recalled"]]
    send(robot, f"/deliveries/{back['deliveries'][0]['id']}/confirm", by_hand)
    recalled += [robot.get(f"/api/v1/broadcasts/{sent['id']}").json()["deliveries"][0]["recalled"]]
    assert recalled == [False, True]


def test_a_delivery_that_failed_is_tried_again_and_a_version_is_ended(cast: Cast, robot: Client) -> None:
    found = sent(a_draft(cast, price_micros=None), [cast.agent], cast.owner)
    told = found.deliveries.get()
    Delivery.objects.update(state="failed", due_at=None)
    assert send(robot, f"/deliveries/{told.pk}/retry", {}).json()["state"] == "failed"
    assert found.deliveries.get().due_at is not None
    last = send(robot, f"/versions/{found.version_id}/end", {"reason": "Sold out"})
    assert (last.status_code, last.json()["version"]) == (201, None)
    assert send(robot, f"/versions/{found.version_id}/end", {"reason": "Sold out"}).json()["code"] == "not_live"


def test_errors_name_the_fact_and_unknown_agents_are_refused(cast: Cast, robot: Client) -> None:
    draft = send(robot, "/campaigns", {"name": "Empty"}).json()
    refused = send(robot, f"/versions/{draft['id']}/validate", {})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["offer"])
    unknown = send(robot, f"/versions/{draft['id']}/validate", {"agents": ["nobody"]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_agent")
    assert ContextVersion.objects.get().state == "draft"
    for name, wrong in (("valid_to", "2099-11-30T23:59"), ("valid_to", "9999-12-31T23:59:59-12:00"), ("say", [" "])):
        refused = robot.patch(f"/api/v1/versions/{draft['id']}", {name: wrong}, content_type="application/json")
        assert (refused.status_code, [key.split(".")[0] for key in refused.json()["fields"]]) == (422, [name])


def test_a_token_without_the_scope_tells_nobody(cast: Cast) -> None:
    _token, secret = create_token(cast.team, cast.owner, name="r", scopes=["read"], days=1, actor=cast.owner)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert send(client, "/campaigns", {"name": "X"}).status_code == 403
    assert client.get("/api/v1/campaigns").json()["items"] == []


def test_an_agent_fetches_what_it_is_to_know_and_coming_back_with_its_hash_is_the_receipt(cast: Cast) -> None:
    scopes = [TokenScope.CONTEXT]
    _token, secret = create_token(cast.team, cast.owner, name="agent", scopes=scopes, days=1, actor=cast.owner)
    client, path = Client(headers={"Authorization": f"Bearer {secret}"}), "/api/v1/agents/refund-agent/context"
    assert client.get(path).json() == {"text": "", "sha256": hashlib.sha256(b"").hexdigest(), "parts": []}
    found = sent(a_draft(cast), [cast.agent], cast.owner)
    delivery = found.deliveries.get()
    first = client.get(path)
    assert first.json()["text"] == delivery.text == first.json()["parts"][0]["text"]
    delivery.refresh_from_db()
    assert delivery.state == Rung.SENT
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.is_confirmed) == (Rung.STORED, True)
    draft = edit_draft(begin_version(found.campaign, actor=cast.owner), actor=cast.owner, price_micros=1_000_000)
    sent(draft, [cast.agent], cast.owner, "price")
    changed = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert "$1.00" in changed.json()["text"]
    assert client.get("/api/v1/campaigns").status_code == 403
    assert client.get("/api/v1/agents/rival-agent/context").status_code == 404
