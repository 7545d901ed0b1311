"""What is drawn once is drawn again as soon as anything it shows is different."""

from dataclasses import replace
from typing import Any

from django.utils.translation import override

from agents.fleet.enums import Observed
from console.fragments import drawn
from console.kpis.fleet import KpiLine
from console.pages.today.rows import Row
from console.pages.today.views import AGENT

ROW = Row(
    slug="refund-agent",
    name="<b>Refunds</b>",
    vendor_key="ours",
    state=Observed.IDLE,
    not_yet=False,
    age="3 min",
    runs=12,
    failures=0,
    costs=(),
    reason="errors:2",
    exceptions="",
    loss_micros=4_000_000,
    currency="USD",
    people="Marta Ruiz, Petra Novak",
    target=None,
)
OTHER: dict[str, Any] = {
    "slug": "other-agent",
    "name": "Other",
    "vendor_key": "artisan",
    "state": Observed.FAILED,
    "not_yet": True,
    "age": "4 min",
    "runs": 13,
    "failures": 1,
    "costs": (("EUR", 5),),
    "reason": "errors:3",
    "exceptions": 1,
    "loss_micros": 5_000_000,
    "currency": "EUR",
    "people": "Marta Ruiz",
    "target": KpiLine("resolved", "%", "higher", 90.0, (80.0, 91.0)),
}


def test_the_same_row_is_drawn_once_and_escaped() -> None:
    assert drawn(AGENT, ROW) is drawn(AGENT, replace(ROW))
    assert "&lt;b&gt;Refunds&lt;/b&gt;" in drawn(AGENT, ROW)


def test_a_row_that_says_something_else_is_drawn_anew() -> None:
    for name in Row.__slots__:
        assert drawn(AGENT, replace(ROW, **{name: OTHER[name]})) != drawn(AGENT, ROW), name


def test_each_language_has_a_drawing_of_its_own() -> None:
    said = []
    for language in ("en", "es", "pt-br"):
        with override(language):
            said.append(drawn(AGENT, ROW))
    assert len(set(said)) == 3
