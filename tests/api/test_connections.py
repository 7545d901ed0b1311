"""Connections by machine: written, tried, removed; what can be done is told as honestly as on the page."""

from typing import Any

import pytest

from agents.connectors.models import Connection
from agents.fleet.enums import Vendor
from tests.api.conftest import MakeMachine
from tests.cast import Cast
from tests.model import use_rehearsal
from tests.rehearsal.fixtures import Rehearsal, rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server", "use_rehearsal"]
PATH = "/agents/refund-agent/connection"


@pytest.fixture
def body(cast: Cast, rehearsal: Rehearsal) -> dict[str, Any]:
    cast.agent.vendor = Vendor.MOMENTUM
    cast.agent.save()
    return {"base_url": f"{rehearsal.url}/vendors/momentum", "secrets": {"api_key": "top-secret"}}


@pytest.mark.usefixtures("use_rehearsal")
def test_a_connection_is_set_tried_and_removed(machine: MakeMachine, body: dict[str, Any]) -> None:
    robot = machine("owner")
    status, told = robot.call("PUT", PATH, body)
    assert (status, told["connected"], told["credentials"]) == (200, True, ["api_key"])
    assert "top-secret" not in str(told)
    pull = next(each for each in told["capabilities"] if each["method"] == "pull")
    assert (pull["way"], pull["tried"]) == ("live", False)
    assert robot.post(f"{PATH}/test")[1]["rehearsal"] is True
    assert robot.call("DELETE", PATH)[1]["connected"] is False
    assert not Connection.objects.exists()


@pytest.mark.usefixtures("use_rehearsal")
def test_a_test_that_fails_is_a_problem_with_a_word(machine: MakeMachine, body: dict[str, Any]) -> None:
    robot = machine("owner")
    robot.call("PUT", PATH, {**body, "secrets": {"api_key": "wrong"}})
    status, told = robot.post(f"{PATH}/test")
    assert (status, told["code"]) == (502, "auth")


def test_an_unknown_setting_is_named(machine: MakeMachine, body: dict[str, Any]) -> None:
    status, told = machine("owner").call("PUT", PATH, {"settings": {"colour": "red"}})
    assert status == 422
    assert "colour" in str(told)
