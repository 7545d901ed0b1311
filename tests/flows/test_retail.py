"""The shop's flow on stored runs: what a person says is what happens, once, and the trail shows it."""

from typing import Any

import pytest

from agents.base import faults
from agents.fleet.actions import freeze_agent
from agents.fleet.toolbox import Run, ToolRefused
from agents.flows.models import Record
from agents.flows.retail import lookups, orders
from agents.flows.retail.orders import Arguments
from agents.flows.retail.store import load_store
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Output, RunException
from tests.cast import Cast
from tests.flows.corner_shop import open_shop, world
from tests.flows.library import Bench, bench_of, keys, step
from tests.flows.shop import END, calls, give_all, history
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
CANCEL = calls("cancel_pending_order", order_id="#W1", reason="ordered by mistake")


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    made = bench_of(cast, rehearsal)
    open_shop(cast.agent)
    give_all(cast.agent, cast.owner)
    return made


def body(key: str) -> dict[str, Any]:
    found: dict[str, Any] = Record.objects.get(key=key).body
    return found


def last(run: Any) -> Any:
    return history(run)[-1]


PAY = {"payment_method_id": "card_1"}


@pytest.mark.parametrize(
    ("act", "given", "said"),
    [
        (orders.change_items, {"item_ids": ["i1"], "new_item_ids": ["i1"]}, "should be different"),
        (orders.change_items, {"item_ids": ["i1"], "new_item_ids": ["i3"]}, "i3 not found or available"),
        (orders.change_items, {"item_ids": ["i1", "i1"], "new_item_ids": ["i2", "i2"]}, "i1 not found"),
        (orders.change_payment, {"order_id": "#W3", "payment_method_id": "gift_1"}, "exactly one payment"),
        (lookups.calculate, {"expression": "True + 1"}, "Invalid characters"),
    ],
    ids=["the same", "sold out", "twice what is there", "paid twice", "no number"],
)
def test_what_the_shop_forbids_is_refused_in_its_words(cast: Cast, act: Run, given: Arguments, said: str) -> None:
    shop = world()
    shop["orders"]["#W3"]["payment_history"] *= 2
    load_store(cast.team, shop)
    with pytest.raises(ToolRefused, match=said):
        act(cast.team.pk, {"order_id": "#W1", **PAY, **given})


def test_a_gift_card_pays_all_that_is_on_it_and_takes_back_what_was_paid_otherwise(cast: Cast) -> None:
    shop = world()
    shop["users"]["kim_1"]["payment_methods"]["gift_1"]["balance"] = 2.5
    load_store(cast.team, shop)
    gift = {"payment_method_id": "gift_1", "item_ids": ["i1"]}
    done = orders.change_items(cast.team.pk, gift | {"order_id": "#W1", "new_item_ids": ["i2"]})
    assert (done.amount_micros, body("kim_1")["payment_methods"]["gift_1"]["balance"]) == (2_500_000, 0)
    orders.send_back(cast.team.pk, gift | {"order_id": "#W2"})
    assert (body("#W2")["status"], body("#W2")["return_payment_method_id"]) == ("return requested", "gift_1")


def test_a_change_waits_for_a_person_who_sees_what_it_would_do_and_then_happens(bench: Bench) -> None:
    bench.says(calls("get_order_details", order_id="#W1"), CANCEL, END)
    run = bench.run("retail")
    asked = RunException.objects.get()
    assert (run.state, asked.kind, asked.severity) == (RunState.WAITING, "approval", "high")
    assert asked.title == "May this be done: Cancel a pending order?"
    assert asked.proposal == {
        "tool": "cancel_pending_order",
        "arguments": CANCEL["arguments"],
        "amount_micros": 10_000_000,
        "currency": "USD",
    }
    assert (step(run, "preview/1").output["result"]["status"], body("#W1")["status"]) == ("cancelled", "pending")  # type: ignore[index]
    run = bench.answer(run, DecisionKind.APPROVE)
    assert (run.state, body("#W1")["status"]) == (RunState.DONE, "cancelled")
    assert (step(run, "act/1").effect, step(run, "act/1").state) == ("write", "confirmed")
    assert Output.objects.get().content == END["reply"]
    assert keys(run)[:2] == ["decide/1", "look/1"]


def test_what_a_person_refuses_does_not_happen_and_the_model_hears_why(bench: Bench) -> None:
    bench.says(CANCEL, END)
    run = bench.answer(bench.run("retail"), DecisionKind.REJECT)
    assert (run.state, body("#W1")["status"], last(run)["refused"]["why"]) == (RunState.DONE, "pending", "person")


def test_what_a_person_edits_is_what_happens(bench: Bench) -> None:
    bench.says(CANCEL, END)
    run = bench.run("retail")
    edited = dict(RunException.objects.get().proposal or {}) | {
        "arguments": CANCEL["arguments"] | {"reason": "no longer needed"}
    }
    bench.answer(run, DecisionKind.EDIT, edited)
    assert body("#W1")["cancel_reason"] == "no longer needed"


def test_an_edit_that_moves_another_amount_than_was_seen_is_refused(bench: Bench) -> None:
    swap = calls(
        "modify_pending_order_items",
        order_id="#W1",
        item_ids=["i1"],
        new_item_ids=["i2"],
        payment_method_id="card_1",
    )
    bench.says(swap, CANCEL, END)
    run = bench.run("retail")
    Record.objects.filter(key="p1").update(
        body=body("p1") | {"variants": {"i2": body("p1")["variants"]["i2"] | {"price": 99.0}}}
    )
    run = bench.answer(run, DecisionKind.APPROVE)
    assert (last(run)["refused"]["why"], body("#W1")["status"]) == ("changed", "pending")


def test_what_the_tool_refuses_is_told_to_the_model_and_asked_of_nobody(bench: Bench) -> None:
    bench.says(calls("cancel_pending_order", order_id="#W2", reason="ordered by mistake"), END)
    run = bench.run("retail")
    assert (run.state, last(run)["refused"]["text"]) == (RunState.DONE, "Non-pending order cannot be cancelled")


def test_a_freeze_after_the_approval_still_stops_the_change_and_the_reply(bench: Bench, cast: Cast) -> None:
    bench.says(CANCEL, END)
    run = bench.run("retail")
    freeze_agent(cast.agent, reason="Stop", actor=cast.owner)
    run = bench.answer(run, DecisionKind.APPROVE)
    assert (last(run)["refused"]["why"], body("#W1")["status"]) == ("frozen", "pending")
    assert (run.state, Output.objects.exists()) == (RunState.QUEUED, False)  # the reply waits for the thaw


def test_who_dies_after_the_change_does_not_make_it_again(bench: Bench) -> None:
    bench.says(CANCEL, END)
    run = bench.run("retail")
    asked = RunException.objects.get()
    assert asked.step_key == "confirm/1"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agents.runs.execution.journal.faultpoint", _dies_at("effect.after_send_before_journal"))
        with pytest.raises(_Death):
            bench.answer(run, DecisionKind.APPROVE)
    assert (body("#W1")["status"], step(run, "act/1").state) == ("cancelled", "intended")
    type(run).objects.filter(pk=run.pk).update(state="queued", lease_owner="", lease_until=None)
    run = bench.go_on(run)
    assert (run.state, step(run, "act/1").state) == (RunState.DONE, "confirmed")
    assert [line["transaction_type"] for line in body("#W1")["payment_history"]] == ["payment", "refund"]


def test_a_customer_who_is_handed_over_comes_with_a_briefing_and_can_come_back(bench: Bench) -> None:
    bench.says(calls("get_order_details", order_id="#W1"), calls("transfer_to_human_agents", summary="Too hard."), END)
    run = bench.run("retail", "My cup is broken.")
    asked = RunException.objects.get()
    assert asked.kind == "handoff"
    assert "My cup is broken." in asked.detail
    assert "Too hard." in asked.detail
    run = bench.answer(run, DecisionKind.RESPOND, {"answer": "A new cup was promised."}, "case")
    assert run.state == RunState.DONE
    assert step(run, "decide/3").input["handoff"] == {"answer": "A new cup was promised."}  # type: ignore[index]


def test_a_model_that_never_ends_is_stopped_and_a_person_asked(bench: Bench) -> None:
    bench.says(*[calls("calculate", expression="1 + 1")] * 50)
    run = bench.run("retail")
    assert (run.state, RunException.objects.get().step_key) == (RunState.WAITING, "escalate/1")
    assert run.steps.filter(node="look").count() == 40


@pytest.mark.parametrize(
    ("expression", "value"),
    [("3131.1 + 4777.75 + 367.38", "8276.23"), ("-(2 - 5) * 4 / 3", "4.0"), ("1 / 0", None), ("2 ** 9", None)],
    ids=["sum", "brackets", "by-zero", "power"],
)
def test_expressions_are_reckoned_and_nothing_else(bench: Bench, expression: str, value: str | None) -> None:
    bench.says(calls("calculate", expression=expression), END)
    assert last(bench.run("retail")).get("result") == value


class _Death(BaseException):
    pass


def _dies_at(point: str) -> Any:
    """A worker that dies where it passes the point."""

    def passed(name: str) -> None:
        if name == point:
            raise _Death
        faults.faultpoint(name)

    return passed


def test_what_is_said_of_an_order_is_held_against_what_was_read_of_it(bench: Bench) -> None:
    looked = calls("get_order_details", order_id="#W2")
    bench.says(looked, END | {"reply": "Order #W2222 is cancelled and 99 dollars are on their way."})
    run = bench.run("retail")
    refused = step(run, "publish/1")
    assert (run.state, refused.fault) == (RunState.WAITING, "guardrail")
    assert not Output.objects.exists()
    bench.says(looked, END | {"reply": "Your order #W2 was delivered on time, as you asked."})
    assert bench.run("retail").state == RunState.DONE
    record = Output.objects.get().pass_record or {}
    assert [one["passed"] for one in record["verdicts"] if one["name"] == "record"] == [True]
