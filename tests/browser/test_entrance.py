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
    recovery = page.get_by_label("Unused codes").input_value().split()[0]
    asked_again(page, cast)
    expect(page.get_by_text("or one of your recovery codes")).to_be_visible()
    expect(page.get_by_role("button", name="Use a security key")).to_have_count(0)
    shoot(page, "mfa-asked")
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")


def test_a_security_key_is_a_second_factor(visit: Visit, cast: Cast, size: str, shoot: Shoot) -> None:
    page = visit(cast.owner, "/accounts/2fa/webauthn/add/")
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "usb", "isUserVerified": True, "hasUserVerification": True}
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recovery Codes")
    asked_again(page, cast)
    shoot(page, "mfa-key")
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")


def asked_again(page: Page, cast: Cast) -> None:
    """Signed in with the password once more, and asked for the second factor."""
    page.context.clear_cookies(name="sessionid")
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(cast.owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Second factor")


def code(secret: str) -> str:
    """The number an authenticator app would show now."""
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))
