"""Errors are plain sentences with a request id, as a page or as a toast; nothing internal is shown."""

import re

import pytest
from django.test import Client

from tests.cast import Cast
from tests.pages.conftest import SignIn

REQUEST_ID = re.compile(r"req_[0-9a-f]{16}")


def test_what_is_not_there_is_404_with_a_request_id(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).get("/agents/nobody/")
    assert page.status_code == 404
    shown = REQUEST_ID.search(page.content.decode())
    assert shown is not None
    assert shown[0] == page["X-Request-Id"]


def test_another_company_s_agent_is_not_there(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.rival).get("/agents/refund-agent/").status_code == 404


@pytest.mark.parametrize("act", ["pause", "resume", "retire", "go-live", "owners", "targets", "schedules", "knowledge"])
def test_opening_the_address_of_a_button_is_405_in_words(cast: Cast, sign_in: SignIn, act: str) -> None:
    page = sign_in(cast.owner).get(f"/agents/refund-agent/{act}/")
    assert page.status_code == 405
    assert page["Allow"] == "POST"
    assert "Nothing was changed" in page.content.decode()


def test_a_refusal_of_an_action_is_a_page(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.backup).post("/agents/refund-agent/go-live/")
    assert page.status_code == 403
    assert "Only the primary owner" in page.content.decode()


def test_the_same_refusal_is_a_toast_for_htmx(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.backup).post("/agents/refund-agent/go-live/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (403, "#toasts", "beforeend")
    assert "<html" not in answer.content.decode()


def test_a_form_without_its_token_is_a_friendly_403(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/accounts/login/", {"login": "x"})
    assert page.status_code == 403
    assert "reload the page" in page.content.decode()


def test_a_thousand_fields_and_one_are_400(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).post("/agents/new/", {f"f{n}": "x" for n in range(1001)})
    assert page.status_code == 400
    assert "too many fields" in page.content.decode()


def test_a_form_of_almost_three_megabytes_is_413(cast: Cast, sign_in: SignIn) -> None:
    body = "name=" + "x" * 2_700_000
    page = sign_in(cast.owner).post("/agents/new/", body, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413
    assert "larger than Rollcall takes" in page.content.decode()


def test_a_forged_host_is_400(cast: Cast, client: Client) -> None:
    page = client.get("/", HTTP_HOST="evil.example")
    assert page.status_code == 400
    assert REQUEST_ID.search(page.content.decode())


def test_a_zero_byte_is_422_and_what_was_typed_stays(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).post("/agents/refund-agent/pause/", {"reason": "be\x00fore"})
    assert page.status_code == 422
    assert "Null characters are not allowed" in page.content.decode()


def test_a_zero_byte_in_an_address_is_no_filter(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).get("/agents/", {"text": "a\x00b", "state": "\x00", "page": "\x00"})
    assert page.status_code == 200


def test_a_broken_server_says_so_without_asking_the_database(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret internals")

    monkeypatch.setattr("console.pages.today.views.morning", broken)
    client = sign_in(cast.owner)
    client.raise_request_exception = False
    page = client.get("/")
    text = page.content.decode()
    assert page.status_code == 500
    assert REQUEST_ID.search(text)
    assert "secret internals" not in text
