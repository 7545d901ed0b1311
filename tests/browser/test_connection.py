"""Somebody connects an agent of a vendor's on its page, tries the connection, and reads what can be done with it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agents.connectors.models import Connection
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from tests.browser.conftest import Visit, too_wide
from tests.cast import make_cast
from tests.rehearsal.fixtures import Rehearsal

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]


@pytest.mark.usefixtures("use_rehearsal")
def test_an_agent_is_connected_tried_and_fetched_from(
    transactional_db: None, visit: Visit, rehearsal: Rehearsal, shoot: Shoot, size: str
) -> None:
    cast = make_cast()
    Agent.objects.filter(pk=cast.agent.pk).update(vendor=Vendor.MONACO)
    page = visit(cast.owner, "/agents/refund-agent/")
    panel = page.locator("#connection")
    expect(panel).to_contain_text("Not connected")
    panel.get_by_text("Connect…").click()
    panel.get_by_label("Address of its API").fill(f"{rehearsal.url}/vendors/monaco")
    panel.get_by_label("Template id").fill("seqt_1")
    panel.get_by_label("Api key").fill("demo")
    shoot(page, "connecting")
    panel.get_by_role("button", name="Keep").click()
    page.locator("#connection").get_by_role("button", name="Test connection").click()
    expect(page.locator("#connection")).to_contain_text("a stand-in answered")
    expect(page.locator("#connection")).to_contain_text("documented, not yet tried on a live account")
    assert too_wide(page) <= 0
    shoot(page, "connection")
    page.locator("#connection").get_by_role("button", name="Fetch now").click()
    expect(page.get_by_text("Fetching what it did")).to_be_visible()
    assert Connection.objects.get().tested_rehearsal
