"""The morning in a browser: Today, the queue from the keyboard and with a thumb, the 1:1."""

import datetime as dt
import time
from collections.abc import Callable
from contextlib import closing

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from agents.fleet.actions import observe, set_kpi_target
from agents.fleet.enums import Observed, OwnerRole
from agents.fleet.models import Agent, KpiPoint, ReviewTime
from agents.runs.enums import ReviewState, RunState, Severity
from agents.runs.models import DailyReview, Decision, Run
from tests.browser.conftest import PATIENCE_MS, Visit, keys, unfold
from tests.campaigns.stage import a_draft, sent
from tests.cast import Cast, make_agent
from tests.pages.stage import REFUND, a_question, a_run, an_approval, an_output

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]
SLUGS = ("ava", "piper", "call-notes", "invoice-bot", "coach")


def a_morning(cast: Cast) -> Run:
    """Two agents need somebody, one is silent, three are quiet; each has its day. The run that waits is returned."""
    owners = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    others = [make_agent(cast.team, slug, *owners) for slug in SLUGS]
    Agent.objects.filter(pk=cast.agent.pk).update(waiting_cost_micros_per_hour=19_000_000)
    cast.agent.refresh_from_db()
    since = timezone.now() - dt.timedelta(hours=12)
    for agent in (cast.agent, *others):
        an_output(a_run(agent, state_since=timezone.now()))
        DailyReview.objects.create(agent=agent, day=timezone.now().date(), since=since)
        set_kpi_target(agent, key="resolved", target=90, unit="%", better="higher", actor=cast.owner)
        for ago in range(7):
            day = timezone.now().date() - dt.timedelta(days=ago)
            KpiPoint.objects.create(agent=agent, key="resolved", day=day, value=84 + ago)
    waiting = a_run(cast.agent, RunState.WAITING)
    an_approval(cast.agent, waiting, title="Refund $412.00 on order 88213", proposal=REFUND)
    a_question(
        others[0], kind="failure", title="Bounce rate 18 %, six times its norm", severity=Severity.MEDIUM, schema={}
    )
    observe(others[2], Observed.SILENT, {})
    a_question(others[2], kind="silence", title="Silent for 9 h", schema={})
    sent(a_draft(cast), [cast.agent, *others], cast.owner)
    return waiting


def test_today_says_what_needs_whom_and_every_figure_leads_there(
    cast: Cast, visit: Visit, shoot: Shoot, size: str
) -> None:
    a_morning(cast)
    page = visit(cast.owner)
    expect(page.get_by_role("heading", name="Fleet, by expected loss")).to_be_visible()
    shoot(page, "morning-today")
    page.locator(".needs a", has_text="approvals and questions waiting").click()
    expect(page.locator(".qi[id^=item-]")).to_have_count(1)


def test_the_queue_is_worked_from_the_keyboard(cast: Cast, visit: Visit, shoot: Shoot) -> None:
    waiting = a_morning(cast)
    page = visit(cast.owner)
    keys(page, "g", "q")
    expect(page.locator(".qi[id^=item-]")).to_have_count(3)
    shoot(page, "morning-queue")
    keys(page, "j", "Enter")
    expect(page.locator("#detail h2")).to_have_text("The day of refund agent")
    shoot(page, "morning-day")
    keys(page, "j", "Enter")
    expect(page.locator("#detail h2")).to_have_text("Refund $412.00 on order 88213")
    unfold(page, "e")
    page.get_by_label("Amount (USD)").fill("300")
    expect(page.locator(".diff ins")).to_have_text("300")
    shoot(page, "morning-item")
    page.locator("#detail h2").click()
    keys(page, "a")
    # The next one opens by itself; the day closed with its last item; the run goes on.
    expect(page.locator("#detail h2")).not_to_have_text("Refund $412.00 on order 88213")
    expect(page.get_by_label("refund agent", exact=True).locator(".qi")).to_have_count(0)
    waiting.refresh_from_db()
    assert waiting.state == RunState.QUEUED
    edited = Decision.objects.get(item__isnull=False).payload
    assert edited is not None
    assert edited["amount_micros"] == 300_000_000
    assert DailyReview.objects.get(agent=cast.agent).state == ReviewState.APPROVED


def test_quiet_agents_are_ticked_off_together(cast: Cast, visit: Visit, size: str) -> None:
    a_morning(cast)
    page = visit(cast.owner, "/queue/")
    page.get_by_role("checkbox", name="piper").uncheck()
    page.get_by_role("button", name="Approve the quiet agents").click()
    expect(page.get_by_text("2 quiet days approved.")).to_be_visible()
    expect(page.locator("#quiet .qi")).to_have_count(1)


def test_a_thumb_opens_answers_and_is_taken_to_the_next(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    a_morning(cast)
    page = visit(cast.owner, "/queue/?need=silent")
    page.get_by_text("Silent for 9 h").click()
    expect(page.get_by_role("button", name="Respond")).to_be_visible()
    shoot(page, "morning-answer")
    page.get_by_label("Your answer").fill("The vendor is on it")
    page.get_by_role("button", name="Respond").click()
    expect(page.get_by_text("Silent for 9 h")).to_have_count(0)
    assert Decision.objects.get().note == "The vendor is on it"


@pytest.mark.parametrize("browser_context_args", [{"java_script_enabled": False}], indirect=True)
def test_the_queue_is_read_and_decided_without_a_script(cast: Cast, visit: Visit) -> None:
    a_morning(cast)
    page = visit(cast.owner, "/queue/?need=silent")
    page.get_by_text("Silent for 9 h").click()
    expect(page.locator("#detail h2")).to_have_text("Silent for 9 h")
    page.get_by_label("Your answer").fill("Seen")
    page.get_by_role("button", name="Respond").click()
    expect(page.get_by_text("Decided: Respond.")).to_be_visible()
    assert Decision.objects.get().note == "Seen"


def test_the_one_to_one_shows_tells_and_remembers(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    a_morning(cast)
    page = visit(cast.owner, "/agents/refund-agent/one-on-one/")
    unfold(page, "s")
    page.get_by_label("From now on").fill("Offer a voucher before a refund.")
    keys(page, "Control+Enter")
    expect(page.get_by_text("No run has been given this version yet.")).to_be_visible()
    shoot(page, "morning-one-on-one")
    unfold(page, "q")
    page.get_by_label("Question").fill("How long does it take?")
    keys(page, "Control+Enter")
    expect(page.locator("#thread")).to_contain_text("How long does it take?")


def test_minutes_count_while_somebody_is_there(cast: Cast, visit: Visit) -> None:
    page = visit(cast.owner)
    with closing(page.context):  # the clock stays with it
        page.clock.install()
        page.goto("/agents/refund-agent/one-on-one/")
        page.mouse.move(10, 10)
        with page.expect_response("**/queue/activity/"):
            page.clock.run_for(16_000)
    assert ReviewTime.objects.get(agent=cast.agent).seconds > 0


def test_minutes_count_on_a_page_that_is_left_before_its_first_beat(cast: Cast, visit: Visit) -> None:
    page = visit(cast.owner)
    with closing(page.context):  # the clock stays with it
        page.clock.install()
        page.goto("/agents/refund-agent/one-on-one/")
        page.mouse.move(10, 10)
        page.clock.run_for(6_000)
        page.goto("/agents/")
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not ReviewTime.objects.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    assert ReviewTime.objects.get(agent=cast.agent).seconds >= 6
