"""Which agent writes to whom, over the wire."""

import pytest
from django.test import Client
from django.utils import timezone

from agents.channels.models import Contact
from agents.fleet.enums import OwnerRole
from agents.people.actions import create_token
from agents.people.enums import TokenScope
from tests.cast import Cast, make_agent

JSON = "application/json"
LARGE = {"fact": "employees", "is": "at_least", "value": "200"}
RULE = {"agent": "outbound", "why": "Large", "conditions": [LARGE], "per_day": 5}
RULES = {"rules": [RULE], "window_hours": 24}


@pytest.fixture
def house(cast: Cast) -> Cast:
    make_agent(cast.team, "outbound", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    for number, facts in enumerate([{"country": "Germany", "employees": "500"}, {"country": "Chile"}]):
        Contact.objects.create(team=cast.team, key=str(number), facts=facts, touched_at=timezone.now())
    return cast


@pytest.fixture
def client(house: Cast) -> Client:
    person, scopes = house.operations, [TokenScope.READ, TokenScope.CONFIGURE]
    _token, secret = create_token(house.team, person, name="m", scopes=scopes, days=1, actor=person)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_rules_are_tried_kept_read_and_asked_about_somebody(client: Client) -> None:
    trial = client.post("/api/v1/segments/trials", RULES, JSON).json()
    counts = {"contacts": 2, "taken": [1], "gaps": 1, "overlaps": 0, "elsewhere": 0, "over": 0}
    assert trial == {**counts, "tried": trial["tried"]}
    body = {**RULES, "why": "Spring", "tried": trial["tried"]}
    assert client.post("/api/v1/segments", {**body, "tried": "guessed"}, JSON).status_code == 422
    assert client.post("/api/v1/segments", body, JSON).status_code == 201
    assert client.post("/api/v1/segments", body, JSON).status_code == 409
    [kept] = client.get("/api/v1/segments").json()["items"]
    assert kept["rules"] == [{**RULE, "rest_days": None}]
    assert kept["said"] == [
        "outbound writes to: employees is at least 200; at most 5 contacts in 24 hours",
    ]
    asked = client.post("/api/v1/segments/contact", {"facts": {"employees": "900"}}, JSON).json()
    assert (asked["agent"], asked["why"], asked["others"]) == ("outbound", "Large", [])
    nobody = client.post("/api/v1/segments/contact", {"facts": {}}, JSON).json()
    assert nobody["agent"] is None
    assert client.post("/api/v1/segments/contact", {"facts": {"email": "a@b.c"}}, JSON).status_code == 422
