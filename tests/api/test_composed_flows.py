"""Composing a flow over the wire."""

from agents.fleet.models import FlowVersion
from tests.api.conftest import MakeMachine
from tests.cast import Cast

STAGES = [
    {"part": "classifier", "name": "sort", "latency_ms": 3000, "cost_micros": 20_000, "least": 0.5},
    {"part": "writer", "name": "write", "latency_ms": 9000, "cost_micros": 60_000, "least": None},
]


def test_one_is_composed_listed_and_changed(machine: MakeMachine, cast: Cast) -> None:
    chief = machine("chief")
    status, made = chief.post("/flows", {"name": "Pilot desk", "stages": STAGES})
    assert (status, made) == (201, {"slug": "own-pilot-desk", "name": "Pilot desk", "stages": STAGES})
    assert chief.call("PUT", "/flows/own-pilot-desk", {"name": "Desk", "stages": STAGES[1:]})[0] == 200
    assert chief.get("/flows")[1] == [{"slug": "own-pilot-desk", "name": "Desk", "stages": STAGES[1:]}]
    assert chief.get("/flows/own-pilot-desk/terms")[0] == 200
    assert chief.call("PUT", "/flows/triage", {"name": "x", "stages": STAGES})[0] == 404


def test_what_may_not_run_is_refused_with_every_reason_and_kept_nowhere(machine: MakeMachine, cast: Cast) -> None:
    lacking = {"part": "writer", "name": "write"}
    status, problem = machine("chief").post("/flows", {"name": "Pilot", "stages": [lacking]})
    assert (status, problem["code"]) == (422, "flow")
    assert problem["detail"] == "node “write” has no latency target; node “write” has no cost limit"
    strange = {"name": "Pilot", "stages": [STAGES[0] | {"part": "oracle"}]}
    assert machine("chief").post("/flows", strange)[1]["detail"] == "“oracle” is no part of the library"
    assert not FlowVersion.objects.exists()
