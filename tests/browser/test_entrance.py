"""How somebody gets in."""

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
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


def test_a_second_factor_is_set_up_and_asked_for(visit: Visit, cast: Cast, size: str, shoot: Shoot) -> None:
    page = visit(cast.owner, "/settings/")
    page.get_by_role("link", name="Second factor").click()
    shoot(page, "mfa")
    page.get_by_role("link", name="Activate").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_label("Authenticator code").fill(code(secret))
    shoot(page, "mfa-totp")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recovery Codes")
    shoot(page, "mfa-codes")
    page.context.clear_cookies(name="sessionid")
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(cast.owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Two-Factor Authentication")
    shoot(page, "mfa-asked")


def code(secret: str) -> str:
    """The number an authenticator app would show now."""
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))
