"""Versions with one thing wrong each, by kind, for the tests and for `benchmarks/facts.py`."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from campaigns.actions import set_rules
from tests.campaigns.stage import a_draft, sent
from tests.cast import Cast

YEAR = timezone.now().year + 1
FROM, TO = dt.datetime(YEAR, 3, 2, 9, tzinfo=dt.UTC), dt.datetime(YEAR, 3, 30, 12, tzinfo=dt.UTC)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WRONG_DAY = WEEKDAYS[(TO.weekday() + 1) % 7]
WRONG_DIA = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")[(TO.weekday() + 3) % 7]
RIGHT: dict[str, Any] = {"valid_from": FROM, "valid_to": TO, "zone": "UTC", "links": [], "never_say": ["cheapest"]}


@dataclass(frozen=True)
class Wrong:
    """`facts` differ from RIGHT in one thing; `why` stands in the reason. `{rehearsal}` is the stand-in's address."""

    kind: str
    name: str
    facts: dict[str, Any]
    why: str

    @property
    def id(self) -> str:
        return f"{self.kind}: {self.name}"

    def given(self, url: str) -> dict[str, Any]:
        """All facts of the version, with the stand-in at that address."""
        return {**RIGHT, **{name: _with(value, url) for name, value in self.facts.items()}}


SEEDED = (
    Wrong("price", "price mistyped in a sentence", {"say": ["Only $492 until then."]}, "The text says $492"),
    Wrong(
        "price",
        "price with a digit too many in the brief",
        {"brief": "A seat costs 4,290 USD."},
        "The text says 4,290 USD",
    ),
    Wrong(
        "price",
        "price of the old version in a claim",
        {"claims": ["$499 everywhere | price list"]},
        "The text says $499",
    ),
    Wrong("date", "end before beginning", {"valid_to": FROM - dt.timedelta(hours=1)}, "ends before it begins"),
    Wrong("date", "end last year", {"valid_from": None, "valid_to": FROM.replace(year=YEAR - 2)}, "passed already"),
    Wrong("date", "year mistyped", {"valid_to": TO.replace(year=YEAR + 10)}, f"Is the year {YEAR + 10}"),
    Wrong("date", "another end in the text", {"brief": "On sale until 31 March."}, "The text says “31 March”"),
    Wrong("date", "another beginning in the text", {"say": ["Doors open from March 4."]}, "The text says “March 4”"),
    Wrong("date", "no such day", {"say": ["On sale until 31 April."]}, "not in the calendar"),
    Wrong(
        "weekday",
        "weekday of another day",
        {"say": [f"On sale until {WRONG_DAY}, 30 March."]},
        f"“{WRONG_DAY}, 30 March”",
    ),
    Wrong(
        "weekday", "weekday in Spanish", {"brief": f"Hasta el {WRONG_DIA} 30 de marzo"}, f"“{WRONG_DIA} 30 de marzo”"
    ),
    Wrong("currency", "currency of another country", {"currency": "EUR"}, "The price is in EUR"),
    Wrong("currency", "currency mistyped in a sentence", {"say": ["It is €429 a seat."]}, "The text says €429"),
    Wrong("link", "dead link", {"links": ["{rehearsal}/nowhere"]}, "is dead"),
    Wrong(
        "link",
        "link to a host that is not listed",
        {"brief": "See https://tickets.exarnple.com/early."},
        "not of a host",
    ),
    Wrong("term", "banned term", {"say": ["A guaranteed seat."]}, "which no campaign may say"),
    Wrong("term", "term that it forbids itself", {"say": ["Our cheapest ticket."]}, "never to be said"),
    Wrong("contradiction", "price that differs from another campaign", {"offer": "Speakers dinner"}, "price $90.00"),
    Wrong(
        "contradiction",
        "another campaign's end for the same offer",
        {"offer": "Speakers lunch"},
        "ends at another time",
    ),
    Wrong(
        "contradiction",
        "term that another campaign forbids",
        {"say": ["Dress code: black tie."]},
        "forbids “black tie”",
    ),
    Wrong("placeholder", "placeholder", {"say": ["Dear {first_name}, the price rises."]}, "never filled in"),
    Wrong("source", "claim without a source", {"claims": ["Nine of ten come again."]}, "No source"),
)


def told_of_dinners(cast: Cast) -> None:
    """Northwind's agent knows of two dinners; the team links to its own shop and promises nothing."""
    set_rules(cast.team, actor=cast.chief, link_hosts=["tickets.example.com", "127.0.0.1"], banned_terms=["guaranteed"])
    for name, offer, price in (("Dinner", "Speakers' dinners", 90), ("Lunch", "Speakers' lunch", 429)):
        facts = {**RIGHT, "valid_to": TO - dt.timedelta(days=7), "offer": offer, "price_micros": price * 1_000_000}
        sent(a_draft(cast, name, **{**facts, "say": [], "never_say": ["black tie"]}), [cast.agent], cast.owner)


def _with(value: Any, url: str) -> Any:
    return [each.replace("{rehearsal}", url) for each in value] if isinstance(value, list) else value
