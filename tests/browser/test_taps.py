"""An approval on a phone: from opening the console, three taps."""

import pytest
from playwright.sync_api import expect

from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Decision
from tests.browser.conftest import Visit
from tests.cast import Cast
from tests.pages.stage import a_question, a_run, an_approval

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.mark.parametrize("browser_context_args", [PHONE], indirect=True, ids=["phone"])
def test_an_approval_is_three_taps_from_opening_the_console(cast: Cast, visit: Visit) -> None:
    an_approval(cast.agent, a_run(cast.agent, RunState.WAITING), title="Refund $412.00 on order 88213")
    for number in range(5):
        a_question(cast.agent, title=f"Question {number}", schema={})
    page = visit(cast.owner)
    page.locator(".needs a", has_text="approvals and questions waiting").tap()
    page.get_by_text("Refund $412.00 on order 88213").tap()
    expect(page.locator("#detail h2")).to_have_text("Refund $412.00 on order 88213")
    approve = page.get_by_role("button", name="Approve", exact=False).first
    expect(approve).to_be_in_viewport()
    approve.tap()
    expect(page.locator("#detail h2")).to_have_text("Question 0")
    assert Decision.objects.get().kind == DecisionKind.APPROVE
