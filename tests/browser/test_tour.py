"""The tour of the README, on the demo, word for word where its words are those of the pages."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from agents.fleet.models import Instruction
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import DailyReview, Decision, Run
from campaigns.actions import deliver
from campaigns.enums import Rung
from campaigns.models import Delivery
from console.demo.fleet import AGENTS
from tests.browser.conftest import Demo, Visit, keys, unfold

pytestmark = pytest.mark.browser


def test_today_shows_the_whole_fleet_and_who_cannot_be_reached(demo: Demo, visit: Visit) -> None:
    page = visit(demo("manager"))
    expect(page.get_by_text(f"of {len(AGENTS)} reviewed")).to_be_visible()
    expect(page.locator("tr", has_text="Deal watcher")).to_contain_text("Disconnected")
    expect(page.locator("tr", has_text="Call notes")).to_contain_text("Silent")
    expect(page.get_by_text("Northwind Events (demo)").first).to_be_visible()
    page.get_by_role("link", name="Start roll call").click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()


def test_the_queue_edits_answers_and_ticks_off(demo: Demo, visit: Visit) -> None:
    page = visit(demo("manager"), "/queue/")
    _edit(page)
    page.get_by_text("Un grupo de 12 pide un descuento").first.click()
    page.get_by_label("Descuento en %").fill("8")
    page.get_by_role("button", name="Respond").click()
    expect(page.get_by_text("Un grupo de 12 pide un descuento")).to_have_count(0)
    page.goto("/queue/")
    page.get_by_role("button", name="Approve the quiet agents that are ticked").click()
    expect(page.get_by_text("quiet days approved.")).to_be_visible()
    kinds = set(Decision.objects.filter(at__date=timezone.now().date()).values_list("kind", flat=True))
    assert {DecisionKind.EDIT, DecisionKind.RESPOND, DecisionKind.APPROVE} <= kinds
    assert Run.objects.get(external_id="T-1010").state == RunState.QUEUED
    assert DailyReview.objects.filter(agent__slug="newsroom", decision__isnull=False).exists()


def _edit(page: Page) -> None:
    """Omar Said's draft, corrected and sent from the keyboard."""
    page.get_by_text("Omar Said").first.click()
    expect(page.locator("#detail h2")).to_contain_text("Omar Said")
    unfold(page, "e")
    page.get_by_label("Reply to the customer").fill("We book no flights; our page lists hotels nearby [p1].")
    keys(page, "Control+Enter")
    expect(page.locator("#detail h2")).not_to_contain_text("Omar Said")


def test_an_agent_is_told_and_one_without_interface_says_it_cannot_be_asked(demo: Demo, visit: Visit) -> None:
    page = visit(demo("manager"), "/agents/support-desk/")
    page.get_by_role("link", name="1:1").first.click()
    page.locator("summary", has_text="Tell it").click()
    page.get_by_label("From now on").fill("Never name a day that the policy does not name.")
    keys(page, "Control+Enter")
    expect(page.get_by_text("No run has been given this version yet.")).to_be_visible()
    assert Instruction.objects.filter(agent__slug="support-desk").count() == 2
    page.goto("/agents/press-monitor/one-on-one/")
    expect(page.get_by_text("It cannot be asked from here.")).to_be_visible()


def test_a_new_price_reaches_the_fleet_with_receipts(demo: Demo, visit: Visit) -> None:
    page = visit(demo("manager"), "/campaigns/")
    page.get_by_role("link", name="Early-bird ticket").first.click()
    page.get_by_role("button", name="Begin a new version").click()
    page.get_by_label("Price").fill("429.00")
    page.get_by_label("Price").blur()
    expect(page.locator("#saved")).to_contain_text("by Amelia Ruiz")
    page.get_by_role("button", name="Save draft").first.click()
    page.get_by_role("link", name="Broadcast…").click()
    page.get_by_label("The price changes from $449.00 to $429.00.").check()
    page.get_by_role("button", name="Broadcast now").click()
    expect(page.get_by_text("They see it among the campaigns.")).to_be_visible()
    campaign = page.url
    second = visit(demo("chief"), campaign)
    second.get_by_role("button", name="Approve it as it stands").click()
    expect(second.get_by_text("Approved: it may be broadcast now.")).to_be_visible()
    page = visit(demo("manager"), campaign)
    page.get_by_role("link", name="Broadcast…").click()
    page.get_by_label("The price changes from $449.00 to $429.00.").check()
    page.get_by_role("button", name="Broadcast now").click()
    expect(page.get_by_text(f"Broadcast to {len(AGENTS)} agents.")).to_be_visible()
    deliver()
    newest = Delivery.objects.filter(broadcast__version__price_micros=429_000_000)
    assert {Rung.STORED, Rung.MANUAL_PENDING} <= set(newest.values_list("state", flat=True))
    assert not newest.filter(state__in=[Rung.QUEUED, Rung.FAILED]).exists()
