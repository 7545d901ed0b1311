"""The business flows on stored steps, with a scripted model."""

from typing import Any

import pytest

from agents.fleet.actions import Terms, grant_tool
from agents.fleet.models import PolicyVersion
from agents.flows.catalog import BUSINESS
from agents.flows.models import Record
from agents.flows.readiness import unready
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Output, RunException
from tests.cast import Cast
from tests.flows.corner_shop import open_shop, order
from tests.flows.library import Bench, bench_of, finding, keys, prompts, step
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def scored(score: float) -> dict[str, Any]:
    return {"score": score, "heat": "hot" if score > 0.5 else "cold", "finding": "Three visits to the prices."}


def test_every_business_flow_may_run() -> None:
    assert [unready(one.graph) for one in BUSINESS] == [[]] * len(BUSINESS)


@pytest.mark.parametrize(("score", "way"), [(0.9, "sales/1"), (0.5, "nurture/1"), (0.1, "drop/1")])
def test_a_lead_goes_to_sales_gets_a_letter_or_is_dropped_by_its_score(bench: Bench, score: float, way: str) -> None:
    bench.says(scored(score), {"reply": "Dear Alpine Hotels, …"})
    run = bench.run("lead-qualification")
    assert keys(run) == ["scout/1", way]
    assert step(run, "scout/1").model == "rehearsal-small"
    assert way != "nurture/1" or step(run, way).model == "rehearsal-large"
    assert run.state == (RunState.WAITING if way == "sales/1" else RunState.DONE)


def test_an_incomplete_customer_is_asked_about_and_not_welcomed(bench: Bench) -> None:
    bench.says(finding(), {"verdict": "flag", "issues": ["no tax number"]})
    run = bench.run("customer-onboarding")
    assert (run.state, keys(run)) == (RunState.WAITING, ["intake/1", "check/1", "escalate/1"])


def test_a_complete_customer_is_enriched_and_welcomed(bench: Bench) -> None:
    bench.says(finding(), {"verdict": "pass", "issues": []}, {"reply": "Welcome."})
    assert keys(bench.run("customer-onboarding")) == ["intake/1", "check/1", "enrich/1", "welcome/1"]


def test_a_lead_that_fails_triage_costs_no_further_stage(bench: Bench) -> None:
    bench.says(finding("no"))
    assert keys(bench.run("lead-validation")) == ["triage/1", "reject/1"]
    bench.says(finding("yes"), scored(0.6))
    run = bench.run("lead-validation")
    assert keys(run) == ["triage/1", "enrich/1", "resolve/1"]
    assert step(run, "resolve/1").input["triage"] == finding("yes")  # type: ignore[index]


def test_a_letter_knows_only_what_the_policy_allows_and_nobody_lets_it_be_too_personal(bench: Bench) -> None:
    PolicyVersion.objects.create(team=bench.agent.team, number=2, rules={"most_personal_facts": 2})
    contact = {"name": "Kim Lee", "company": "Bluefin", "employees": 340, "country": "Spain", "email": "k@b.example"}
    bench.says({"reply": "Dear Kim, with 340 people you need a large stand."})
    run = bench.run("lead-letter", "Follow up on the prices.", contact=contact)
    told = step(run, "choose/1").output
    assert told
    assert told["known"] == {
        "wish": "Follow up on the prices.",
        "lead": {"name": "Kim Lee", "company": "Bluefin"},
        "campaign": "",
    }
    assert "340" not in str(step(run, "write/1").input)
    assert "“employees”, which may not be used" in RunException.objects.get(run=run, state="open").detail
    for text in ("Dear Kim, your 340 people …", "Dear Kim Lee of Bluefin, from Spain …"):
        assert bench.answer(run, DecisionKind.EDIT, {"reply": text}).state == RunState.WAITING
    assert not run.outputs.exists()
    bench.answer(run, DecisionKind.EDIT, {"reply": "Dear Kim, the prices for Bluefin are on our page."})
    assert (run.state, run.outputs.get().content) == (
        RunState.DONE,
        "Dear Kim, the prices for Bluefin are on our page.",
    )
    record = run.outputs.get().pass_record
    assert record
    assert {each["name"]: each["passed"] for each in record["verdicts"]}["personalisation"]


@pytest.fixture
def desk(bench: Bench, cast: Cast) -> Bench:
    """With a small shop, of whose tools the agent has one that reads and one that changes."""
    open_shop(cast.agent)
    Record.objects.filter(key="#W1").update(key="#W10001", body=order("#W10001", "pending"))
    for tool in ("get_order_details", "cancel_pending_order"):
        grant_tool(cast.agent, tool=tool, terms=Terms(), actor=cast.owner)
    return bench


ORDER = {"tool": "get_order_details", "arguments": {"order_id": "#W10001"}}
NO_MORE = {"tool": "", "arguments": {}}


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("Order #W10001 is pending, refunds take 5 to 10 working days.", []),
        ("Order #W10001 is delivered.", ["w10001: delivered"]),
        ("Order #W99999 is pending.", ["#W99999"]),
        ("Order #W10001 was 99 dollars.", ["99 dollars"]),
    ],
    ids=["true", "state", "id", "amount"],
)
def test_what_an_answer_says_of_a_record_is_held_against_the_record_that_was_read(
    desk: Bench, reply: str, wrong: list[str]
) -> None:
    desk.says({"query": "refunds"}, ORDER, NO_MORE, {"reply": reply})
    run = desk.run("account-question", "How is my order #W10001?")
    assert keys(run)[:6] == ["retriever/1", "find/1", "tools/1", "look/1", "tools/2", "write/1"]
    assert "cancel_pending_order" not in prompts(desk)[1]  # it only reads
    said = [output.content for output in Output.objects.all()]
    asked = [one.step_key for one in RunException.objects.all()]
    assert (said, asked) == (([], ["escalate/1"]) if wrong else ([reply], []))


def test_an_answer_without_a_record_cites_its_sources_or_a_person_decides(bench: Bench) -> None:
    cited = "Refunds arrive within 5 to 10 working days on the card that paid [p1]."
    for reply, state in ((cited, RunState.DONE), (cited.replace(" [p1]", ""), RunState.WAITING)):
        bench.says({"query": "refunds"}, NO_MORE, {"reply": reply})
        assert bench.run("account-question", "When does a refund arrive?").state == state


def test_an_answer_about_an_account_is_a_turn_of_the_customers_conversation(bench: Bench) -> None:
    cited = "Refunds arrive within 5 to 10 working days on the card that paid [p1]."
    for _message in range(2):
        bench.says({"query": "refunds"}, NO_MORE, {"reply": cited})
        run = bench.run("account-question", "I prefer e-mail. When does a refund arrive?", customer="kim@b.example")
    found = step(run, "find/1").output
    assert found
    assert [turn["answered"] for turn in found["conversation"]] == [cited]
    assert [one["kind"] for one in found["history"]] == ["preference"]
    assert "<conversation>" in prompts(bench)[-1]
