"""Thresholds of figures, over the wire."""

from tests.api.conftest import MakeMachine
from tests.cast import Cast


def test_one_is_set_listed_and_ended(machine: MakeMachine, cast: Cast) -> None:
    owner = machine("owner")
    status, made = owner.post("/thresholds", {"key": "retry_rate", "limit": 5, "agent": cast.agent.slug})
    assert (status, made["agent"], made["ended_at"]) == (201, cast.agent.slug, None)
    assert owner.post("/thresholds", {"key": "no_such", "limit": 5})[0] == 422
    assert owner.post(f"/thresholds/{made['id']}/end")[1]["ended_at"]
    assert [each["key"] for each in owner.get("/thresholds")[1]["thresholds"]] == ["retry_rate"]
