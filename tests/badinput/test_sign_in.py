"""Guessing a password: stopped after ten, whatever the guesser says about where it comes from (guarantees G42)."""

import pytest
from django.core.cache import cache
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from console import settings as console_settings
from tests.badinput.conftest import text_of
from tests.cast import PASSWORD, Cast

HOME, AWAY = "192.0.2.1", "198.51.100.7"


def _try(email: str, password: str, address: str = AWAY, **headers: str) -> HttpResponseBase:
    data = {"login": email, "password": password}
    return Client(REMOTE_ADDR=address).post("/accounts/login/", data, headers=headers)


def _locked_out(email: str) -> None:
    for number in range(10):
        _try(email, f"guess {number}", **{"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"})


def test_the_eleventh_guess_is_not_heard_even_when_it_is_right(cast: Cast) -> None:
    _locked_out(cast.owner.email)
    assert _try(cast.owner.email, PASSWORD, **{"X-Forwarded-For": "203.0.113.99"}).status_code in (403, 429)
    assert _try(cast.owner.email.upper(), PASSWORD).status_code in (403, 429)


def test_a_guesser_locks_only_the_own_address_out(cast: Cast) -> None:
    _locked_out(cast.owner.email)
    assert _try(cast.owner.email, PASSWORD, HOME)["Location"] == "/"
    assert _try(cast.second.email, PASSWORD)["Location"] == "/"


def test_guessing_many_accounts_from_one_address_is_stopped_too(cast: Cast, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = console_settings.ACCOUNT_RATE_LIMITS
    cache.clear()
    for number in range(10):
        _try(f"nobody-{number}@northwind.example", "guess", **{"X-Forwarded-For": f"203.0.113.{number}"})
    assert "Too many failed" in text_of(_try("nobody@northwind.example", "guess"))
    assert _try(cast.owner.email, PASSWORD, HOME)["Location"] == "/"


@pytest.mark.parametrize("typed", ["\x00", "x" * 40_000 + "@example.com", "a@b@c", "' OR 1=1 --", ""])
@pytest.mark.usefixtures("cast")
def test_what_is_no_address_is_said_at_the_form(typed: str) -> None:
    answer = _try(typed, "guess")
    assert answer.status_code == 200
    assert "csrfmiddlewaretoken" in text_of(answer)


def test_an_unknown_address_is_answered_like_a_wrong_password(cast: Cast) -> None:
    known, unknown = (_try(email, "guess") for email in (cast.owner.email, "nobody@northwind.example"))
    assert known.status_code == unknown.status_code == 200
    texts = [
        text_of(answer).replace(cast.owner.email, "X").replace("nobody@northwind.example", "X")
        for answer in (known, unknown)
    ]
    assert _visible(texts[0]) == _visible(texts[1])


def _visible(text: str) -> str:
    """Without what differs on every page: request ids and form tokens."""
    return "\n".join(line for line in text.splitlines() if "csrf" not in line.lower() and "req_" not in line)


def test_somebody_whose_sign_in_was_revoked_is_told_no_more_than_a_stranger(cast: Cast) -> None:
    cast.owner.is_active = False
    cast.owner.save()
    assert _try(cast.owner.email, PASSWORD).status_code in (200, 302)
    client = Client()
    client.post("/accounts/login/", {"login": cast.owner.email, "password": PASSWORD})
    assert client.get("/agents/").status_code == 302


def test_a_way_back_leads_only_into_the_console(cast: Cast) -> None:
    for evil in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", "\x00"):
        answer = Client().post("/accounts/login/", {"login": cast.owner.email, "password": PASSWORD, "next": evil})
        assert answer["Location"] == "/"
