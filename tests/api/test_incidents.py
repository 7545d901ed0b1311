"""Incidents and ladders over the wire, and the exceptions that wait."""

from agents.base.money import MICRO
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind
from agents.runs.models import RunException
from agents.runs.wording import RUNBOOK
from tests.api.conftest import MakeMachine
from tests.cast import Cast


def _wrong(cast: Cast, kind: ExceptionKind = ExceptionKind.GUARDRAIL) -> RunException:
    return raise_exception(cast.agent, kind=kind, title="It promised a refund")


def test_an_incident_is_opened_worked_and_resolved(machine: MakeMachine, cast: Cast) -> None:
    caller, exception = machine("owner"), _wrong(cast)
    status, opened = caller.post("/incidents", {"exceptions": [str(exception.pk)], "title": "Promises"})
    assert (status, opened["number"], opened["agents"], opened["state"]) == (201, 1, ["refund-agent"], "open")
    path = f"/incidents/{opened['id']}"
    assert caller.post(f"{path}/notes", {"text": "Called legal"})[0] == 201
    assert caller.call("PUT", f"{path}/severity", {"severity": "low"})[1]["severity"] == "low"
    assert caller.post(f"{path}/containment", {"agents": ["refund-agent"]})[1]["state"] == "contained"
    assert caller.post(f"{path}/containment", {"agents": ["refund-agent"], "by": "freeze"})[0] == 200
    assert caller.post(f"{path}/containment", {"agents": ["else"]})[0] == 422
    status = caller.post(f"{path}/resolution", {"root_cause": "luck", "resolution": "x"})[0]
    assert status == 422
    resolution = {"root_cause": "rule", "resolution": "Tightened"}
    status, refused = caller.post(f"{path}/resolution", resolution)
    assert (status, list(refused["fields"])) == (422, ["undone"])
    assert refused["fields"]["undone"][0].startswith(f"{len(RUNBOOK)} steps of the runbook are not ticked")
    assert caller.post(f"{path}/resolution", resolution | {"undone": "It was a test"})[1]["state"] == "resolved"
    assert caller.post(f"{path}/resolution", {"root_cause": "rule", "resolution": "Again"})[0] == 409
    assert [each["id"] for each in caller.get("/incidents")[1]["items"]] == [opened["id"]]
    assert machine("rival").get(path)[0] == 404


def test_what_was_written_down_what_happened_and_the_post_mortem_are_read(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("owner")
    opened = caller.post("/incidents", {"exceptions": [str(_wrong(cast).pk)], "title": "Promises"})[1]
    path = f"/incidents/{opened['id']}"
    for text in ("Called legal", "Told support"):
        caller.post(f"{path}/notes", {"text": text})
    caller.call("PUT", f"{path}/tasks/1", {"done": True})
    found = machine("auditor").get(path)[1]
    assert [(each["author"], each["text"]) for each in found["notes"]] == [
        (cast.owner.email, "Called legal"),
        (cast.owner.email, "Told support"),
    ]
    assert [(each["what"], each["about"] or each["text"]) for each in found["timeline"]] == [
        ("raised an exception", "It promised a refund"),
        ("opened an incident", ""),
        ("", "Called legal"),
        ("", "Told support"),
        ("ticked a step of an incident", RUNBOOK[0]),
    ]
    assert found["post_mortem"].startswith("# Incident 1: Promises\n")
    assert "Called legal" in found["post_mortem"]
    last = caller.get(f"{path}?limit=1")[1]
    assert ([each["text"] for each in last["notes"]], len(last["timeline"])) == (["Told support"], 1)
    assert last["post_mortem"] == found["post_mortem"]
    assert caller.get(f"{path}?limit=201")[0] == 422


def test_steps_are_ticked_and_the_lead_is_handed_over(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("owner")
    opened = caller.post("/incidents", {"exceptions": [str(_wrong(cast).pk)], "title": "Promises"})[1]
    path, places = f"/incidents/{opened['id']}", [each["place"] for each in opened["tasks"]]
    assert places == list(range(1, len(RUNBOOK) + 1))
    [first, *rest] = caller.call("PUT", f"{path}/tasks/1", {"done": True})[1]["tasks"]
    assert (first["text"], first["done_by"]) == (RUNBOOK[0], cast.owner.email)
    assert first["done_at"]
    assert {each["done_at"] for each in rest} == {None}
    [first, *_rest] = caller.call("PUT", f"{path}/tasks/1", {"done": False})[1]["tasks"]
    assert (first["done_at"], first["done_by"]) == (None, None)
    assert caller.call("PUT", f"{path}/tasks/99", {"done": True})[0] == 422
    assert caller.call("PUT", f"{path}/commander", {"commander": cast.second.email})[0] == 200
    status, refused = caller.call("PUT", f"{path}/commander", {"commander": cast.rival.email})
    assert (status, list(refused["fields"])) == (422, ["commander"])
    assert caller.get(path)[1]["commander"] == cast.second.email


def test_an_incident_begins_with_what_the_caller_may_decide(machine: MakeMachine, cast: Cast) -> None:
    body = {"exceptions": [str(_wrong(cast).pk)], "title": "Promises"}
    assert machine("auditor").post("/incidents", body)[0] == 403
    assert machine("rival").post("/incidents", body)[0] == 404


def test_a_ladder_is_written_and_read(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("chief")
    steps = [
        {"after_minutes": 5, "to": "second", "in_hours": True, "least_steps": 9},
        {"after_minutes": 9, "to": "person", "person": str(cast.chief.pk)},
    ]
    status, made = caller.post("/escalation-policies", {"severity": "high", "steps": steps, "loops": 1})
    assert (status, made["number"], made["agent"]) == (201, 1, None)
    assert made["steps"] == steps
    assert caller.get("/escalation-policies")[1]["items"] == [made]
    assert caller.post("/escalation-policies", {"severity": "high", "steps": steps, "flow": "unknown"})[0] == 422
    assert (
        caller.post("/escalation-policies", {"severity": "high", "steps": [{"after_minutes": 0, "to": "chief"}]})[0]
        == 422
    )
    assert machine("owner").post("/escalation-policies", {"severity": "high", "steps": []})[0] == 403


def test_what_waits_is_asked_for_with_its_price(machine: MakeMachine, cast: Cast) -> None:
    cast.agent.waiting_cost_micros_per_hour = 3600 * MICRO
    cast.agent.save(update_fields=["waiting_cost_micros_per_hour"])
    asked = _wrong(cast, ExceptionKind.QUESTION)
    _wrong(cast, ExceptionKind.SILENCE)
    [waits] = machine("owner").get("/exceptions?need=waiting&state=open")[1]["items"]
    assert (waits["id"], waits["assignee"], waits["fingerprint"]) == (str(asked.pk), None, asked.fingerprint)
    assert 0 <= waits["waiting_cost_micros"] < 60 * MICRO
