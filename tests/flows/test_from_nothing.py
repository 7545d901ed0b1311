"""An installation without the demo: everything an agent of ours needs is said on the pages."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.base.ids import uuid7
from agents.fleet.models import Agent, Assignment, Schedule
from agents.runs.actions import decide
from agents.runs.enums import DecisionKind, ExceptionKind, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Budget, ReviewItem, Run
from tests.cast import Cast, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
REFUNDS = b"# Refunds\nRefunds arrive within 5 to 10 working days on the card that paid.\n"
QUESTION = "How many working days until refunds arrive?"
URL = "/agents/refund-agent/"
LIMITS = {"run_cap_micros": "0.5", "day_cap_micros": "20", "cost_center": "CC-7"}


@pytest.fixture
def owner(cast: Cast) -> Client:
    return signed_in(cast.owner)


def sent(client: Client, url: str, data: dict[str, Any]) -> None:
    answer = client.post(url, data)
    assert answer.status_code == 302, answer.content.decode()


def ticket() -> dict[str, Any]:
    return {"text": QUESTION, "queue": "bulk", "key": uuid7()}


def carried_out(run: Run) -> Run:
    drive(run.pk)
    run.refresh_from_db()
    return run


def test_a_new_agent_is_given_all_it_needs_and_answers(cast: Cast, owner: Client) -> None:
    profile = {"name": "Invoice agent", "vendor": "ours", "function": "billing", "language": "en", "currency": "USD"}
    seats = {"primary": cast.owner.pk, "second": cast.second.pk, "running_since": "2025-01-31"}
    sent(owner, "/agents/new/", {**profile, **seats, "slug": "invoices"})
    assert "What is missing: which model it calls" in owner.get("/agents/invoices/").content.decode()
    sent(owner, "/agents/invoices/flow/", LIMITS)
    sent(owner, "/agents/invoices/go-live/", {})
    sent(owner, "/agents/invoices/knowledge/", {"file": SimpleUploadedFile("refunds.md", REFUNDS)})
    sent(owner, "/agents/invoices/runs/new/", ticket())
    run = carried_out(Run.objects.get(agent=Agent.objects.get(slug="invoices")))
    assert run.state == RunState.DONE
    assert Assignment.objects.get(agent=run.agent).cost_center == "CC-7"


def test_a_run_that_its_budget_stopped_goes_on_when_the_cap_is_raised_on_its_page(cast: Cast, owner: Client) -> None:
    sent(owner, f"{URL}flow/", {**LIMITS, "run_cap_micros": "0.000001"})
    sent(owner, f"{URL}runs/new/", ticket())
    run = carried_out(Run.objects.get())
    item = ReviewItem.objects.get(exception__run=run)
    assert (run.state, item.exception.kind) == (RunState.WAITING, ExceptionKind.BUDGET)  # type: ignore[union-attr]
    page = f"/exceptions/{item.exception_id}/"
    assert "Raise the cap to, in USD" in owner.get(page).content.decode()
    budget = Budget.objects.get(scope="run")
    for amount in ("0", "0.5 EUR", "9999999999"):
        assert owner.post(f"{page}cap/", {"budget": budget.pk, "cap": amount}).status_code == 422
    sent(owner, f"{page}cap/", {"budget": budget.pk, "cap": "0.5"})
    again = {"outcome": "try_again"}
    decide(item, actor=cast.owner, kind=DecisionKind.RESPOND, payload=again, idempotency_key="k")
    run = carried_out(run)
    assert Budget.objects.get(scope="run").spent_micros > 0
    assert not ReviewItem.objects.filter(
        exception__run=run, exception__kind=ExceptionKind.BUDGET, state="open"
    ).exists()


def test_today_s_cap_is_shown_and_raised_on_the_agent_s_page(owner: Client) -> None:
    sent(owner, f"{URL}flow/", LIMITS)
    assert "Today’s budget" in owner.get(URL).content.decode()
    sent(owner, f"{URL}budget/", {"cap": "25"})
    assert Budget.objects.get(scope="agent_day").cap_micros == 25_000_000
    Budget.objects.update(spent_micros=3_000_000)
    assert owner.post(f"{URL}budget/", {"cap": "2"}).status_code == 422
    sent(owner, f"{URL}flow/", {**LIMITS, "run_cap_micros": "0.1", "day_cap_micros": "1"})
    assert Budget.objects.get(scope="agent_day").cap_micros == 3_000_000
    assert Assignment.objects.get().day_cap_micros == 1_000_000


def test_a_time_is_added_with_the_ticket_that_its_runs_work_on(owner: Client) -> None:
    sent(owner, f"{URL}flow/", LIMITS)
    when = {"local_time": "02:30", "weekdays": list("1234567")}
    assert owner.post(f"{URL}schedules/", when).status_code == 422
    sent(owner, f"{URL}schedules/", {**when, "text": "What is still open?"})
    assert Schedule.objects.get().input == {"text": "What is still open?"}
