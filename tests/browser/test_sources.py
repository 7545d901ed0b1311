"""The addresses for webhooks, and a reported run, as people see them."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from agents.connectors.actions import open_source, parse
from agents.connectors.models import InboxEvent
from agents.connectors.signing import signed
from agents.runs.models import Run
from tests.browser.conftest import Visit, too_wide
from tests.cast import Cast, make_cast
from tests.ingest.documents import a_run, a_waiting_run
from tests.ingest.sender import Sender

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_an_address_is_opened_and_an_unknown_agent_mapped(
    cast: Cast, visit: Visit, shoot: Callable[[Page, str], None], size: str
) -> None:
    source, secret = open_source(cast.team, name="n8n", actor=cast.chief)
    for number, name in enumerate(("Refund Bot 3000", "refund-agent")):
        body = json.dumps({"agent": name, **a_waiting_run(f"R-{number}")}).encode()
        assert Sender(source, secret).post(body, signed(secret, f"m{number}", body))[0] == 202
    for pk in InboxEvent.objects.values_list("pk", flat=True):
        parse(pk)
    page = visit(cast.chief, "/settings/sources/")
    shoot(page, "sources")
    assert too_wide(page) <= 0
    page.get_by_role("combobox", name="Agent").select_option("refund agent")
    page.get_by_role("button", name="Map").click()
    expect(page.get_by_text("1 event is read again.")).to_be_visible()
    page.get_by_text("New address…").click()
    page.get_by_label("Who sends").fill("Zapier")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("Copy the secret of Zapier now")).to_be_visible()
    shoot(page, "sources-secret")
    assert too_wide(page) <= 0
    page.goto(f"/runs/{Run.objects.get().pk}/")
    expect(page.get_by_text("Another system carried this out")).to_be_visible()
    shoot(page, "run-reported")
    assert too_wide(page) <= 0
    assert a_run()["title"] in page.title()
