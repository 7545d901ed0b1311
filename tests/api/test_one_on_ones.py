"""The daily talk, the manual round, bypasses and goals, over the wire."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.connectors.actions import open_check_ins
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent, KpiPoint, KpiTarget, OneOnOne, Question
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import RunException
from tests.api.conftest import MakeMachine
from tests.cast import Cast
from tests.pages.stage import a_question, a_run


@pytest.fixture
def by_hand(cast: Cast) -> Agent:
    """The agent has a page of its own and nothing else."""
    Agent.objects.filter(pk=cast.agent.pk).update(vendor=Vendor.MANUAL, vendor_url="https://vendor.example/agent")
    cast.agent.refresh_from_db()
    return cast.agent


def test_the_talk_says_what_waits_and_counts_once_they_met(machine: MakeMachine, cast: Cast) -> None:
    asked = a_question(cast.agent, title="Which hotel?")
    owner, path = machine("owner"), f"/agents/{cast.agent.slug}"
    owner.post(f"{path}/instructions", {"text": "Be brief."})
    talk = owner.get(f"{path}/one-on-one")[1]
    assert [(each["item_id"], each["title"]) for each in talk["waits"]] == [(str(asked.item.pk), "Which hotel?")]
    assert (talk["feedback"]["feedback"], talk["met_today"], talk["is_quiet"]) == ("Be brief.", False, False)
    assert [owner.post(f"{path}/one-on-one")[0] for _twice in range(2)] == [200, 200]
    assert owner.get(f"{path}/one-on-one")[1]["met_today"]
    assert OneOnOne.objects.filter(agent=cast.agent, user=cast.owner).count() == 1


def test_what_an_agent_did_cost_null_where_its_system_does_not_say(machine: MakeMachine, cast: Cast) -> None:
    path = f"/agents/{cast.agent.slug}/one-on-one"
    assert machine("owner").get(path)[1]["did"]["cost_micros"] == 0, "nothing ran"
    run = a_run(cast.agent, source="sync:monaco", cost_micros=0)
    run.steps.exclude(seq=1).update(cost_micros=0)
    run.steps.filter(seq=1).update(cost_micros=5)
    read = [machine("owner").get(where)[1] for where in (path, "/runs", f"/runs/{run.pk}")]
    assert (read[0]["did"]["cost_micros"], read[1]["items"][0]["cost_micros"], read[2]["cost_micros"]) == (None,) * 3
    assert {step["cost_micros"] for step in read[2]["steps"]} == {None, 5}


def test_a_question_that_its_system_cannot_take_is_kept_once_with_the_problem(
    machine: MakeMachine, cast: Cast, by_hand: Agent
) -> None:
    owner, path = machine("owner"), f"/agents/{by_hand.slug}/questions"
    key = {"Idempotency-Key": "morning-1"}
    status, first = owner.post(path, {"text": "How are you?"}, **key)
    assert (status, first["reply"], bool(first["problem"])) == (201, "", True)
    assert owner.post(path, {"text": "How are you?"}, **key)[1]["id"] == first["id"]
    assert owner.post(path, {"text": "Something else?"}, **key)[1]["code"] == "idempotency_key_reused"
    assert Question.objects.count() == 1
    assert [each["text"] for each in owner.get(path)[1]["items"]] == ["How are you?"]
    assert not owner.get(f"/agents/{by_hand.slug}/one-on-one")[1]["can_be_asked"]


def test_what_hands_did_is_ticked_off(machine: MakeMachine, cast: Cast, by_hand: Agent) -> None:
    open_check_ins()
    target = KpiTarget.objects.create(agent=by_hand, key="replies", target=4)
    owner, look = machine("owner"), RunException.objects.get(kind=ExceptionKind.CHECK_IN)
    [stop] = owner.get("/manual-round")[1]["stops"]
    assert (stop["agent"], {task["kind"] for task in stop["tasks"]}) == (by_hand.slug, {"check_in", "kpi"})
    said = {"evidence": "Nothing odd.", "minutes": 2}
    assert owner.post(f"/manual-round/check_in/{look.pk}", said)[0] == 200
    status, problem = owner.post(f"/manual-round/kpi/{target.pk}", said)
    assert (status, list(problem["fields"])) == (422, ["value"])
    assert owner.post(f"/manual-round/kpi/{target.pk}", {**said, "value": "7"})[0] == 200
    assert owner.post(f"/manual-round/nothing/{look.pk}", said)[0] == 404
    look.refresh_from_db()
    assert look.state == ExceptionState.RESOLVED
    assert KpiPoint.objects.get(agent=by_hand, key="replies").value == 7
    assert owner.get("/manual-round")[1] == {"stops": []}


def test_a_bypass_is_opened_for_a_while_and_ended(machine: MakeMachine, cast: Cast) -> None:
    owner, path = machine("owner"), f"/agents/{cast.agent.slug}/bypasses"
    soon, late = (timezone.now() + dt.timedelta(hours=hours) for hours in (1, 900))
    assert list(owner.post(path, {"until": late.isoformat(), "reason": "Peak"})[1]["fields"]) == ["until"]
    status, made = owner.post(path, {"until": soon.isoformat(), "reason": "Peak"})
    assert (status, made["in_force"], made["given"]) == (201, True, 0)
    assert owner.post(path, {"until": soon.isoformat(), "reason": "Peak"})[1]["code"] == "in_force"
    assert not machine("second").post(f"/bypasses/{made['id']}/end")[1]["in_force"]
    assert [each["id"] for each in owner.get("/bypasses")[1]["items"]] == [made["id"]]


def test_a_goal_is_set_followed_and_closed(machine: MakeMachine, cast: Cast) -> None:
    owner, today = machine("owner"), timezone.now().date()
    goal = {"title": "Outreach", "key": "meetings", "target": 10, "first": str(today - dt.timedelta(days=30))}
    path = f"/agents/{cast.agent.slug}/goals"
    assert owner.post(path, {**goal, "due": str(today - dt.timedelta(days=31))})[1]["fields"].keys() == {"due"}
    status, made = owner.post(path, {**goal, "due": str(today + dt.timedelta(days=30))})
    assert (status, made["closed_at"]) == (201, None)
    KpiPoint.objects.create(agent=cast.agent, key="meetings", day=today - dt.timedelta(days=3), value=2)
    [progress] = owner.get("/goals")[1]["goals"]
    assert (progress["goal"]["id"], float(progress["actual"]), progress["gap"] > 0) == (made["id"], 2.0, True)
    assert owner.post(f"/goals/{made['id']}/close")[1]["closed_at"]
    assert owner.get("/goals")[1] == {"goals": []}
