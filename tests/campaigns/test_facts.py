"""The one wrong number: each of these versions is stopped before anybody is told, and the reason names it."""

import datetime as dt
import html
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.ids import uuid7
from campaigns.actions import (
    begin_version,
    broadcast,
    edit_draft,
    end_version,
    look_at_links,
    recall,
    set_rules,
    validate_version,
)
from campaigns.checks import problems
from campaigns.models import CheckedLink, Delivery
from campaigns.prose import amounts_in, days_in
from campaigns.queries import second_reasons
from campaigns.rendering import renderings
from tests.campaigns.stage import a_draft, sent
from tests.campaigns.wrong import RIGHT, SEEDED, TO, WEEKDAYS, Wrong, told_of_dinners
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in
from tests.rehearsal.fixtures import Rehearsal

__all__ = ["sign_in"]


@pytest.fixture
def told(cast: Cast) -> Cast:
    told_of_dinners(cast)
    return cast


@pytest.mark.usefixtures("use_rehearsal")
@pytest.mark.parametrize("wrong", SEEDED, ids=[wrong.id for wrong in SEEDED])
def test_a_wrong_fact_is_stopped(told: Cast, rehearsal: Rehearsal, wrong: Wrong, sign_in: SignIn) -> None:
    version, before = a_draft(told, **wrong.given(rehearsal.url)), Delivery.objects.count()
    look_at_links(version)
    with pytest.raises((Invalid, Conflict)) as stopped:
        validate_version(version, [told.agent], actor=told.owner)
    said = f"{stopped.value.message} {getattr(stopped.value, 'fields', '')}"
    assert wrong.why in said
    with pytest.raises(Conflict, match="Validate"):
        broadcast(version, [told.agent], actor=told.owner, idempotency_key="k")
    given = {"agents": [str(told.agent.pk)], "key": str(uuid7())}
    page = sign_in(told.owner).post(f"/campaigns/{version.campaign_id}/broadcast/", given)
    assert page.status_code == 422
    assert wrong.why in html.unescape(page.content.decode())
    assert Delivery.objects.count() == before


def test_the_same_version_with_right_facts_passes(told: Cast) -> None:
    say = [f"On sale until {WEEKDAYS[TO.weekday()]}, 30 March.", "Was $499, now $429.", "20 people, 3 May or later"]
    version = a_draft(told, **{**RIGHT, "say": say, "claims": ["Forty speakers | programme of 1 March"]})
    assert problems(version, renderings(version, [told.agent])) == []


@pytest.mark.usefixtures("use_rehearsal")
def test_a_link_is_looked_at_once_an_hour_and_what_nobody_saw_is_said(told: Cast, rehearsal: Rehearsal) -> None:
    live = f"{rehearsal.url}/healthz"
    version = a_draft(told, **{**RIGHT, "links": [live]})
    assert [each.key for each in problems(version, [])] == [f"http:{live}", f"link:{live}"]
    look_at_links(version)
    look_at_links(version)
    assert CheckedLink.objects.get().problem == ""


def test_a_link_that_cannot_be_reached_is_signed_for_not_blocked(told: Cast) -> None:
    away = "https://127.0.0.1:1/"
    version = a_draft(told, **{**RIGHT, "links": [away]})
    with override_settings(EGRESS_ALLOW=["127.0.0.1:1"]):
        look_at_links(version)
        found = {each.key: each.level for each in problems(version, [])}
    assert found == {f"link:{away}": "warning"}


def test_a_changed_price_is_signed_for(told: Cast) -> None:
    first = sent(a_draft(told, **RIGHT), [told.agent], told.owner)
    draft = edit_draft(begin_version(first.campaign, actor=told.owner), actor=told.owner, price_micros=42_900_000)
    assert [each.key for each in problems(draft, renderings(draft, [told.agent]))] == ["price"]


def test_a_price_that_was_recalled_is_a_change_again(told: Cast) -> None:
    first = sent(a_draft(told, **RIGHT), [told.agent], told.owner)
    draft = edit_draft(begin_version(first.campaign, actor=told.owner), actor=told.owner, price_micros=42_900_000)
    second = sent(draft, [told.agent], told.owner, "price")
    draft = begin_version(first.campaign, actor=told.owner)
    assert (problems(draft, []), second_reasons(draft, [])) == ([], [])
    recall(second, actor=told.owner, reason="Wrong")
    draft.refresh_from_db()
    assert draft.supersedes == first.version
    assert [each.text for each in problems(draft, [])] == ["The price changes from $429.00 to $42.90."]
    assert [str(each) for each in second_reasons(draft, [])] == ["it sets a price"]
    assert first.version is not None
    end_version(first.version, actor=told.owner, reason="Sold out")
    draft.refresh_from_db()
    assert [str(each) for each in second_reasons(draft, [])] == ["it sets a price"]


def test_only_rule_makers_say_what_campaigns_keep_to(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        set_rules(cast.team, actor=cast.owner, link_hosts=[], banned_terms=[])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("until Monday, 30 November 2026", [(dt.date(2026, 11, 30), 0, "ends")]),
        ("30 de noviembre de 2026 (lunes)", [(dt.date(2026, 11, 30), 0, "")]),
        ("segunda-feira, 30 de novembro", [(dt.date(2026, 11, 30), 0, "")]),
        ("from Nov 30th", [(dt.date(2026, 11, 30), None, "starts")]),
        ("2026-11-30", [(dt.date(2026, 11, 30), None, "")]),
        ("31 November", [(None, None, "")]),
        ("Room 30, seats 11 to 26; sold out 5 times", []),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: list[Any]) -> None:
    found = days_in(text, dt.date(2026, 12, 1))
    assert [(each.day, each.weekday, each.bound) for each in found] == days


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("$1,299.50", [(1_299_500_000, "")]),
        ("1.299,50 €", [(1_299_500_000, "EUR")]),
        ("R$ 429", [(429_000_000, "BRL")]),
        ("429 USD or 399 euros", [(429_000_000, "USD"), (399_000_000, "EUR")]),
        ("was $499, save $70, 20% off, 5 seats", []),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amounts: list[Any]) -> None:
    assert [each[1:] for each in amounts_in(text)] == amounts


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(list(days_in(text, dt.date(2026, 12, 1))), list)
    assert all(micros >= 0 for _written, micros, _currency in amounts_in(text))
