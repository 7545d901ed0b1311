"""Every form of the pane, filled in with what no form expects: never a failure of ours, and nothing typed is lost."""

import html
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client

from tests.badinput.conftest import said, text_of
from tests.matrix.pages import ROWS
from tests.matrix.rows import Row
from tests.matrix.test_matrix import address_of
from tests.matrix.world import World, take_back, undone

pytestmark = pytest.mark.django_db
FORMS = {name: row for name, row in ROWS.items() if row.post and name not in ("join", "setup")}
# What may come out of a form: done, said at its field, refused in words, or somebody was faster.
ANSWERS = {200, 204, 302, 400, 403, 404, 409, 422}
HOSTILE = [
    "a\x00b",
    "x" * 40_000,
    "😀\u202e<script>alert(1)</script>'\"--",
    "9" * 30,
    "0001-01-01",
]
Form = dict[str, Any]
REFUSAL = re.compile(r'class="[^"]*\berrorlist\b|role="alert"|data-keep')
"""What a page says no with, and shows the number of its request beside (theme.css)."""
FURTHER = re.compile(r"-[1-9]\d*-")
"""In a field's name: a further row of its formset, read by the code that reads the first."""


def _spoiled(form: Form) -> Iterator[tuple[str, Form]]:
    """Each value in every field at once; then each field alone with one of them."""
    words = [name for name, value in form.items() if not hasattr(value, "read")]
    for value in HOSTILE:
        yield f"all {value[:12]!r}", {**form, **dict.fromkeys(words, value)}
    for name, value in zip((name for name in words if not FURTHER.search(name)), cycle(HOSTILE)):
        yield f"{name} {value[:12]!r}", {**form, name: value}


def _sent(world: World, row: Row, address: str, form: Form, *, htmx: bool = False) -> HttpResponseBase:
    client: Client = world.browser("owner" if row.post and row.post["owner"] == "through" else "chief", htmx=htmx)
    return client.post(address, form)


@pytest.mark.parametrize("name", FORMS)
def test_no_value_in_any_field_breaks_a_form(world: World, name: str) -> None:
    row, address = FORMS[name], address_of(name, FORMS[name], world)
    forms = _spoiled(row.data(world))
    with undone():
        for case, form in forms:
            response = _sent(world, row, address, form)
            assert response.status_code in ANSWERS, case
            assert "Traceback" not in text_of(response)
            take_back()


@pytest.mark.parametrize("name", FORMS)
def test_nothing_sent_at_all_breaks_no_form(world: World, name: str) -> None:
    row, address = FORMS[name], address_of(name, FORMS[name], world)
    for htmx in (False, True):
        with undone():
            response = _sent(world, row, address, {}, htmx=htmx)
        assert response.status_code in ANSWERS
        if response.status_code == 422 and "<main" in text_of(response):
            assert REFUSAL.search(said(response)), "nothing says why"


KEEPING = {
    "new-agent": ("purpose", "currency"),
    "edit-agent": ("purpose", "currency"),
    "set-target": ("unit", "target"),
    "add-schedule": ("zone", "local_time"),
    "run-new": ("customer", "queue"),
    "invite": ("email", "role"),
    "profile": ("name", "zone"),
    "new-token": ("name", "days"),
}


@pytest.mark.parametrize("name", KEEPING)
def test_one_wrong_field_loses_no_other(world: World, name: str) -> None:
    kept, wrong = KEEPING[name]
    row, address = FORMS[name], address_of(name, FORMS[name], world)
    typed = "kept@example.com" if kept == "email" else 'What I typed & "meant"'
    with undone():
        response = _sent(world, row, address, {**row.data(world), kept: typed, wrong: "?!"})
    assert response.status_code == 422
    assert html.escape(typed) in text_of(response).replace("&#34;", "&quot;")


@pytest.mark.parametrize(
    ("name", "field", "strange"),
    [
        ("seat-owner", "user", "rival"),
        ("new-agent", "primary", "rival"),
        ("new-agent", "second", "rival"),
        ("assign-owners", "primary", "rival"),
        ("assign-owners", "agents", "rival_agent"),
    ],
)
def test_another_company_s_people_and_agents_are_not_on_the_list(
    world: World, name: str, field: str, strange: str
) -> None:
    row, address = FORMS[name], address_of(name, FORMS[name], world)
    foreign = getattr(world.cast, strange)
    with undone():
        response = _sent(world, row, address, {**row.data(world), field: [foreign.pk]})
    assert response.status_code == 422
    text = text_of(response)
    assert "Choose from the list" in text
    assert str(foreign) not in text


@pytest.mark.parametrize("field", ["value_per_outcome_micros", "waiting_cost_micros_per_hour"])
@pytest.mark.parametrize("amount", ["-1", "1e12", "12,50", "0.0000001", "99999999999999", "NaN", "１２", "+1", "1_000"])
def test_an_amount_is_plain_digits_that_can_be_kept(world: World, field: str, amount: str) -> None:
    row, address = FORMS["edit-agent"], address_of("edit-agent", FORMS["edit-agent"], world)
    with undone():
        response = _sent(world, row, address, {**row.data(world), field: amount})
    assert response.status_code == 422
    assert f'value="{amount}"' in text_of(response)


@pytest.mark.parametrize("cap", ["0", "-1", "1e12", "1000000000000", "1,000", ""])
@pytest.mark.parametrize("field", ["run_cap_micros", "day_cap_micros"])
def test_a_limit_is_above_zero_and_below_a_million(world: World, field: str, cap: str) -> None:
    row, address = FORMS["equip-agent"], address_of("equip-agent", FORMS["equip-agent"], world)
    with undone():
        response = _sent(world, row, address, {**row.data(world), field: cap})
    assert response.status_code == 422
    assert f'value="{cap}"' in text_of(response) or not cap


@pytest.mark.parametrize("currency", ["eur", "EURO", "E1R", "€", "US"])
def test_a_currency_is_three_capital_letters(world: World, currency: str) -> None:
    row, address = FORMS["edit-agent"], address_of("edit-agent", FORMS["edit-agent"], world)
    with undone():
        assert _sent(world, row, address, {**row.data(world), "currency": currency}).status_code == 422


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_another_site_is_refused_in_words(world: World, name: str) -> None:
    address = address_of(name, FORMS[name], world)
    for htmx in (False, True):
        client = world.browser("chief", htmx=htmx)
        client.handler.enforce_csrf_checks = True
        response = client.post(address, {"csrfmiddlewaretoken": "x" * 64})
        assert response.status_code == 403
        assert "cookies are blocked" in said(response)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_after_the_session_ended_leads_to_sign_in_and_back(world: World, name: str) -> None:
    headers = {"HX-Current-URL": "http://testserver/agents/?text=x"}
    response = world.browser("anonymous", htmx=True).post(address_of(name, FORMS[name], world), {}, headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/login/?next=/agents/%3Ftext%3Dx"
