"""Runs, exceptions and the trail in a real browser: drawn at a desk and on a phone, answered from the keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agents.runs.enums import ExceptionState, RunState
from agents.runs.models import Run, RunException
from tests.browser.conftest import Demo, Visit, keys, too_wide
from tests.cast import Cast, make_cast
from tests.pages.stage import a_question, a_run, an_approval, an_output, equip

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]


@pytest.fixture
def cast(live_server: object) -> Cast:
    return make_cast()


def go(page: Page, path: str) -> None:
    page.goto("/".join(page.url.split("/", 3)[:3]) + path)


def test_the_page_of_a_run_draws_its_parallel_graph_and_its_time_line(
    cast: Cast, visit: Visit, shoot: Shoot, size: str
) -> None:
    run = a_run(cast.agent, RunState.WAITING)
    an_output(run)
    a_question(cast.agent, run)
    page = visit(cast.owner)
    go(page, f"/runs/{run.pk}/")
    branches = [page.locator(f"g.node:has(title:text-is('{name}: ran'))") for name in ("orders", "policy", "history")]
    tops = [branch.bounding_box()["y"] for branch in branches]  # type: ignore[index]
    assert max(tops) - min(tops) < 2
    expect(page.locator("#timeline .trace.bars").first).to_be_visible()
    page.locator("summary", has_text="weigh").click()
    expect(page.get_by_text("refused", exact=True).first).to_be_visible()
    assert too_wide(page) <= 0
    shoot(page, "run")


def test_a_finished_run_says_all_it_did(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    run = a_run(cast.agent)
    an_output(run)
    page = visit(cast.owner)
    go(page, f"/runs/{run.pk}/#step-3")
    expect(page.locator("#step-3 .tree").first).to_be_visible()
    assert too_wide(page) <= 0
    shoot(page, "run-done")


def test_lists_and_the_trail_fit_the_screen(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    for state in RunState:
        run = a_run(cast.agent, state)
        a_question(cast.agent, run)
    an_approval(cast.agent)
    page = visit(cast.chief)
    for name, path in {"runs": "/runs/", "exceptions": "/exceptions/", "audit": "/audit/"}.items():
        go(page, path)
        shoot(page, name)
        assert too_wide(page) <= 0, name


def test_an_approval_is_given_with_one_key(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    exception = an_approval(cast.agent)
    page = visit(cast.owner)
    go(page, f"/exceptions/{exception.pk}/")
    assert too_wide(page) <= 0
    shoot(page, "approval")
    keys(page, "e")
    expect(page.get_by_role("button", name="Approve as edited")).to_be_visible()
    expect(page.get_by_role("button", name="Approve a", exact=True)).to_be_hidden()
    shoot(page, "approval-edit")
    page.locator("h1").click()
    keys(page, "e", "a")
    expect(page.locator("#deciding .st-decided")).to_have_text("Approve")
    assert RunException.objects.get(pk=exception.pk).state == ExceptionState.RESOLVED


def test_a_question_is_answered_from_the_keyboard(cast: Cast, visit: Visit, shoot: Shoot) -> None:
    exception = a_question(cast.agent)
    page = visit(cast.owner)
    go(page, f"/exceptions/{exception.pk}/")
    page.get_by_label("The parcel is lost").focus()
    keys(page, "Space", "Tab")
    page.keyboard.type("3")
    keys(page, "Tab")
    page.keyboard.type("We send another one.")
    shoot(page, "question")
    keys(page, "Control+Enter")
    expect(page.locator("#deciding .st-decided")).to_have_text("Respond")
    answer = RunException.objects.get(pk=exception.pk).answer
    assert answer == {"verdict": "lost", "days": 3, "tell": "We send another one."}


def test_an_answer_that_does_not_fit_keeps_what_was_typed(cast: Cast, visit: Visit, console: list[str]) -> None:
    exception = a_question(cast.agent)
    page = visit(cast.owner)
    go(page, f"/exceptions/{exception.pk}/")
    page.get_by_label("It is only late").check()
    page.get_by_label("Days to wait").fill("99")
    page.get_by_label("Note").fill("She was very patient.")
    keys(page, "Control+Enter")
    expect(page.locator("#deciding .errorlist")).to_have_text("The largest value allowed is 30.")
    expect(page.get_by_label("Days to wait")).to_have_value("99")
    expect(page.get_by_label("Note")).to_have_value("She was very patient.")
    console[:] = [line for line in console if "422" not in line]


def test_a_file_of_tickets_is_previewed_and_started(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    equip(cast.agent)
    page = visit(cast.owner)
    go(page, "/agents/refund-agent/runs/new/")
    shoot(page, "new-run")
    rows = "id,customer,text\nT-1,Marta,Where is my order?\nT-2,=SUM(1),Please cancel it.\n"
    file = {"name": "tickets.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.get_by_label("CSV file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Looks like a formula")).to_be_visible()
    assert too_wide(page) <= 0
    shoot(page, "preview")
    page.get_by_role("button", name="Start 2 tickets").click()
    expect(page.get_by_text("0 of 2 finished")).to_be_visible()
    assert too_wide(page) <= 0
    shoot(page, "batch")


def test_the_page_follows_its_run_and_closes_nothing_that_is_read(cast: Cast, visit: Visit) -> None:
    run = a_run(cast.agent, RunState.RUNNING)
    page = visit(cast.owner)
    go(page, f"/runs/{run.pk}/")
    page.locator("#step-1 > summary").click()
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_label("Why").fill("half a sentence")
    page.evaluate("htmx.trigger('#run', 'sse:live')")
    page.wait_for_timeout(700)
    expect(page.get_by_label("Why")).to_have_value("half a sentence")
    page.get_by_role("button", name="Keep it").click()
    Run.objects.filter(pk=run.pk).update(state=RunState.DONE, lease_until=None)
    page.evaluate("htmx.trigger('#run', 'sse:live')")
    expect(page.locator("h1 .st-done")).to_be_visible()
    expect(page.locator("#step-1[open]")).to_be_visible()
    expect(page.locator("#timeline .trace.bars").first).to_be_visible()


def test_cancelling_asks_first(cast: Cast, visit: Visit) -> None:
    run = a_run(cast.agent, RunState.QUEUED)
    page = visit(cast.owner)
    go(page, f"/runs/{run.pk}/")
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_label("Why").fill("wrong ticket")
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.locator("h1 .st-cancelled")).to_be_visible()


def test_a_run_is_explained_and_walked_again(demo: Demo, visit: Visit, shoot: Shoot) -> None:
    told = Run.objects.filter(state=RunState.DONE, outputs__published_at__isnull=False)
    run = told.filter(steps__node="generate").latest("created_at")
    page = visit(demo("manager"))
    go(page, f"/runs/{run.pk}/")
    why = page.locator("details.why-answer")
    why.locator("summary").click()
    expect(why).to_contain_text("triage/writer/1")
    expect(why.locator("dd", has_text="Version 1").first).to_be_visible()
    why.scroll_into_view_if_needed()
    shoot(page, "g-why")
    page.locator("summary", has_text="retrieve").first.click()
    page.get_by_role("link", name="What was made from this step").first.click()
    expect(page.get_by_role("heading", name="What was made from step")).to_be_visible()
    assert too_wide(page) <= 0
    shoot(page, "g-blast")
    page.get_by_role("link", name="Walk it again").click()
    expect(page.get_by_text("It comes out the same")).to_be_visible()
    assert too_wide(page) <= 0
    shoot(page, "g-replay")
    go(page, f"/flows/{run.flow_version.flow.slug}/#figures")  # type: ignore[union-attr]
    assert too_wide(page) <= 0
    shoot(page, "g-figures")
