"""Whatever JSON is sent to whichever endpoint: never a failure of ours, and a problem that says what is wrong."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents.fleet.models import Assignment, Flow, FlowVersion
from agents.runs.actions import raise_exception, start_run
from agents.runs.enums import ExceptionKind
from tests.api.conftest import Machine
from tests.api.openapi import HOSTILE, Endpoint, endpoints, resolve, values
from tests.cast import Cast, make_cast
from tests.matrix.world import just_used, undone

pytestmark = pytest.mark.django_db
CHANGING = [endpoint for endpoint in endpoints() if endpoint.body]


class World:
    """A cast with one of everything that an address may name."""

    def __init__(self) -> None:
        self.cast: Cast = make_cast()
        flow = Flow.objects.create(team=self.cast.team, slug="triage", name="Triage", pattern="sequential")
        version = FlowVersion.objects.create(flow=flow, number=1, graph={})
        agent = self.cast.agent
        Assignment.objects.create(agent=agent, flow_version=version, run_cap_micros=1, day_cap_micros=1)
        self.run = start_run(agent, actor=self.cast.owner, input={"text": "Where?"})
        self.asked = raise_exception(agent, kind=ExceptionKind.QUESTION, title="How much?")
        scopes = ["configure", "review", "runs:write"]
        self.caller = Machine(self.cast.team, self.cast.chief, scopes)
        just_used()

    def address(self, endpoint: Endpoint) -> str:
        ids = {"runs": self.run.pk, "review-items": self.asked.item.pk, "exceptions": self.asked.pk}
        kind = endpoint.path.split("/")[3]
        given = {
            "slug": "refund-agent",
            "lender": "rival-agent",
            "id": ids.get(kind),
            "email": self.cast.manager.email,
            "key": "rate",
            "tool": "cancel_pending_order",
            "kind": "check_in",
            "place": 1,
        }
        return endpoint.path.removeprefix("/api/v1").format(**given)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once: what each example writes is taken back."""
    with django_db_blocker.unblock(), undone():
        yield World()


def _send(world: World, endpoint: Endpoint, body: Any) -> None:
    with undone():
        status, answer = world.caller.call(endpoint.method, world.address(endpoint), json.dumps(body).encode())
    assert str(status) in endpoint.details["responses"]
    assert status < 500, answer
    if status >= 400:
        assert answer["detail"]
        assert answer["request_id"]


@pytest.mark.parametrize("endpoint", CHANGING, ids=lambda endpoint: endpoint.details["operationId"])
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.generate],
    database=None,
)
@given(data=st.data())
def test_no_body_breaks_an_endpoint(world: World, endpoint: Endpoint, data: st.DataObject) -> None:
    assert endpoint.body
    body = data.draw(values(endpoint.body))
    if "within_s" in resolve(endpoint.body).get("properties", {}) and isinstance(body, dict):
        body = {"within_s": 0.01, **body}  # no worker is here: who does not say how long would wait for nothing
    _send(world, endpoint, body)


@pytest.mark.parametrize("endpoint", CHANGING, ids=lambda endpoint: endpoint.details["operationId"])
def test_no_hostile_value_breaks_an_endpoint(world: World, endpoint: Endpoint) -> None:
    for body in HOSTILE:
        _send(world, endpoint, body)
