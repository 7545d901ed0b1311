"""The one wrong number: each of these versions is stopped before anybody is told, and the reason names it."""

import datetime as dt
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agents.base.errors import Conflict, Invalid, NotAllowed
from campaigns.actions import begin_version, broadcast, edit_draft, look_at_links, set_rules, validate_version
from campaigns.checks import problems
from campaigns.models import CheckedLink, Delivery
from campaigns.prose import amounts_in, days_in
from campaigns.rendering import renderings
from tests.campaigns.stage import a_draft, sent
from tests.cast import Cast
from tests.rehearsal.fixtures import Rehearsal

YEAR = timezone.now().year + 1
FROM, TO = dt.datetime(YEAR, 3, 2, 9, tzinfo=dt.UTC), dt.datetime(YEAR, 3, 30, 12, tzinfo=dt.UTC)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WRONG_DAY = WEEKDAYS[(TO.weekday() + 1) % 7]
WRONG_DIA = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")[(TO.weekday() + 3) % 7]
RIGHT: dict[str, Any] = {"valid_from": FROM, "valid_to": TO, "zone": "UTC", "links": [], "never_say": ["cheapest"]}
SEEDED: list[tuple[str, dict[str, Any], str]] = [
    ("price mistyped in a sentence", {"say": ["Only $492 until then."]}, "The text says $492"),
    ("price with a digit too many in the brief", {"brief": "A seat costs 4,290 USD."}, "The text says 4,290 USD"),
    ("price of the old version in a claim", {"claims": ["$499 everywhere | price list"]}, "The text says $499"),
    ("price that differs from another campaign", {"offer": "Speakers dinner"}, "Contradicts"),
    ("another campaign's end for the same offer", {"offer": "Speakers lunch"}, "ends at another time"),
    ("currency of another country", {"currency": "EUR"}, "The price is in EUR"),
    ("currency mistyped in a sentence", {"say": ["It is €429 a seat."]}, "The text says €429"),
    ("end before beginning", {"valid_to": FROM - dt.timedelta(hours=1)}, "ends before it begins"),
    ("end last year", {"valid_from": None, "valid_to": FROM.replace(year=YEAR - 2)}, "passed already"),
    ("year mistyped", {"valid_to": TO.replace(year=YEAR + 10)}, f"Is the year {YEAR + 10}"),
    ("another end in the text", {"brief": "On sale until 31 March."}, "The text says “31 March”"),
    ("another beginning in the text", {"say": ["Doors open from March 4."]}, "The text says “March 4”"),
    ("no such day", {"say": ["On sale until 31 April."]}, "not in the calendar"),
    ("weekday of another day", {"say": [f"On sale until {WRONG_DAY}, 30 March."]}, f"“{WRONG_DAY}, 30 March”"),
    ("weekday in Spanish", {"brief": f"Hasta el {WRONG_DIA} 30 de marzo"}, f"“{WRONG_DIA} 30 de marzo”"),
    ("dead link", {"links": ["{rehearsal}/nowhere"]}, "is dead"),
    ("link to a host that is not listed", {"brief": "See https://tickets.exarnple.com/early."}, "not of a host"),
    ("banned term", {"say": ["A guaranteed seat."]}, "which no campaign may say"),
    ("term that it forbids itself", {"say": ["Our cheapest ticket."]}, "never to be said"),
    ("placeholder", {"say": ["Dear {first_name}, the price rises."]}, "never filled in"),
    ("claim without a source", {"claims": ["Nine of ten come again."]}, "No source"),
    ("term that another campaign forbids", {"say": ["Dress code: black tie."]}, "forbids “black tie”"),
]


@pytest.fixture
def told(cast: Cast, settings: Any) -> Cast:
    """Northwind, whose agent knows of two dinners, links to its own shop and promises nothing."""
    set_rules(cast.team, actor=cast.chief, link_hosts=["tickets.example.com", "127.0.0.1"], banned_terms=["guaranteed"])
    for name, offer, price in (("Dinner", "Speakers' dinners", 90), ("Lunch", "Speakers' lunch", 429)):
        facts = {**RIGHT, "valid_to": TO - dt.timedelta(days=7), "offer": offer, "price_micros": price * 1_000_000}
        sent(a_draft(cast, name, **{**facts, "say": [], "never_say": ["black tie"]}), [cast.agent], cast.owner)
    return cast


@pytest.mark.usefixtures("use_rehearsal")
@pytest.mark.parametrize(("facts", "why"), [case[1:] for case in SEEDED], ids=[case[0] for case in SEEDED])
def test_a_wrong_fact_is_stopped(told: Cast, rehearsal: Rehearsal, facts: dict[str, Any], why: str) -> None:
    given_facts = {name: _with(value, rehearsal.url) for name, value in facts.items()}
    version, before = a_draft(told, **{**RIGHT, **given_facts}), Delivery.objects.count()
    look_at_links(version)
    with pytest.raises((Invalid, Conflict)) as stopped:
        validate_version(version, [told.agent], actor=told.owner)
    said = f"{stopped.value.message} {getattr(stopped.value, 'fields', '')}"
    assert why in said
    with pytest.raises(Conflict, match="Validate"):
        broadcast(version, [told.agent], actor=told.owner, idempotency_key="k")
    assert Delivery.objects.count() == before


def _with(value: Any, url: str) -> Any:
    return [each.replace("{rehearsal}", url) for each in value] if isinstance(value, list) else value


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
