"""How somebody gets in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]


def test_an_owner_signs_in_and_sees_today(visit: Visit, cast: Cast, size: str, shoot: Shoot) -> None:
    page = visit(None)
    shoot(page, "sign-in")
    page.get_by_label("Email").fill(cast.owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Amelia")
    shoot(page, "today")


def test_a_wrong_password_is_refused_in_words(visit: Visit, cast: Cast) -> None:
    page = visit(None)
    page.get_by_label("Email").fill(cast.owner.email)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".errorlist")).to_be_visible()
