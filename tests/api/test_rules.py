"""Rules, notes, turns and many decisions at once, over the wire."""

import datetime as dt
from typing import Any

from django.utils import timezone

from agents.runs.actions import claim_item, raise_exception
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import Decision, RunException
from tests.api.conftest import MakeMachine
from tests.cast import Cast

PROPOSAL = {"tool": "refund", "amount_micros": 5_000_000, "currency": "USD"}


def _ask(cast: Cast, title: str = "May I?", **how: Any) -> RunException:
    return raise_exception(cast.agent, **{"kind": ExceptionKind.QUESTION, "title": title, **how})


def test_a_rule_is_proposed_by_one_approved_by_another_and_revoked(
    machine: MakeMachine, cast: Cast, settings: Any
) -> None:
    asked = _ask(cast, kind=ExceptionKind.APPROVAL, proposal=PROPOSAL)
    owner, second = machine("owner"), machine("second")
    body = {"kind": "approve", "proposal_sha256": asked.proposal_sha256}
    decision = owner.post(f"/review-items/{asked.item.pk}/decisions", body)[1]
    end = (timezone.now() + dt.timedelta(days=30)).isoformat()
    rule = {
        "conditions": [{"field": "tool", "is": "is", "value": "refund"}],
        "most_a_day": 5,
        "most_micros": 9_000_000,
        "expires_at": end,
    }
    path = f"/decisions/{decision['id']}/rules"
    status, problem = owner.post(path, {**rule, "most_micros": None})
    assert (status, list(problem["fields"])) == (422, ["most_micros"])
    status, made = owner.post(path, rule)
    assert (status, made["state"], made["replay"]) == (201, "proposed", {"total": 1, "same": 1, "differs": []})
    waits = _ask(cast, kind=ExceptionKind.APPROVAL, proposal=PROPOSAL)
    assert owner.post(f"/rules/{made['id']}/open", {})[1]["code"] == "not_active"
    assert owner.post(f"/rules/{made['id']}/approve", {})[1]["code"] == "self_approval"
    assert second.post(f"/rules/{made['id']}/approve", {})[1]["approver"] == "dev@northwind.example"
    assert owner.get(f"/rules/{made['id']}/open")[1] == {"exceptions": [str(waits.pk)]}
    settings.DECISION_GRACE = 60
    told = owner.post(f"/rules/{made['id']}/open", {})[1]
    assert (told["decided"], told["left"]) == (1, 0)
    [undoable] = told["pending"]
    assert second.post(f"/decisions/{undoable}/undo", {})[1]["state"] == "undone"
    assert owner.get(f"/exceptions/{waits.pk}")[1]["state"] == "open"
    assert owner.post(f"/decisions/{undoable}/rules", rule)[1]["code"] == "not_a_rule", "it did not take effect"
    assert [each["id"] for each in owner.get("/rules?state=active")[1]["items"]] == [made["id"]]
    assert owner.post(f"/rules/{made['id']}/revoke", {"why": "Too generous"})[1]["state"] == "revoked"
    assert machine("rival").get("/rules")[1]["items"] == []


def test_an_item_is_put_off_handed_over_and_noted(machine: MakeMachine, cast: Cast) -> None:
    asked, owner = _ask(cast), machine("owner")
    path = f"/review-items/{asked.item.pk}"
    assert owner.post(f"{path}/snooze", {"until": "2999-01-01T00:00:00Z"})[1]["state"] == "snoozed"
    assert owner.post(f"{path}/assign", {"to": "dev@northwind.example"})[1]["state"] == "open"
    assert owner.get(f"/exceptions/{asked.pk}")[1]["assignee"] == "dev@northwind.example"
    assert owner.post(f"{path}/assign", {"to": "tess@northwind.example"})[0] == 422
    assert owner.post(f"{path}/notes", {"text": "Ask Bo"})[0] == 201
    assert [note["text"] for note in machine("second").get(f"{path}/notes")[1]] == ["Ask Bo"]


def test_many_are_decided_at_once_and_each_is_told(machine: MakeMachine, cast: Cast) -> None:
    free, taken = _ask(cast, "One", severity=Severity.LOW), _ask(cast, "Two")
    claim_item(taken.item, actor=cast.second)
    items = [{"item_id": str(each.item.pk)} for each in (free, taken)]
    body = {"items": items, "kind": "respond", "note": "Yes"}
    status, said = machine("owner").post("/review-items/decisions:batch", body)
    assert (status, said["made"], said["left"], said["results"][1]["code"]) == (200, 1, 1, "claimed")
    assert Decision.objects.get().item == free.item
