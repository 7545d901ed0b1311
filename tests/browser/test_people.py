"""Who may sign in, and whoever lost a password or a device."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, new_context
from tests.cast import Cast

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]
FRESH = "fresh-words-for-the-new-phone"


def test_who_lost_a_password_comes_in_by_a_link(visit: Visit, cast: Cast, size: str, shoot: Shoot) -> None:
    page = visit(cast.administrator, "/people/")
    shoot(page, "people")
    page.locator(f"tr:has-text('{cast.owner.email}')").get_by_role("button", name="New password…").click()
    shoot(page, "people-new-password")
    page.get_by_role("dialog").get_by_role("button", name="New password").click()
    link = page.get_by_label("Link to a new password").input_value()
    shoot(page, "people-link")
    browser = page.context.browser
    assert browser is not None
    other = new_context(browser)
    theirs = other.new_page()
    theirs.goto(link)
    for label in ("New Password", "New Password (again)"):
        theirs.get_by_label(label, exact=True).fill(FRESH)
    theirs.get_by_role("button", name="Save").click()
    theirs.get_by_role("link", name="Sign in").click()
    theirs.get_by_label("Email").fill(cast.owner.email)
    theirs.get_by_label("Password", exact=True).fill(FRESH)
    theirs.get_by_role("button", name="Sign in").click()
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Good")
    theirs.goto(link)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    other.close()
