"""What is drawn once is drawn again as soon as anything it shows is different."""

from dataclasses import replace
from typing import Any

from django.utils.translation import override

from console.fragments import drawn
from console.pages.today.rows import Row
from console.pages.today.views import AGENT

ROW = Row(
    slug="refund-agent",
    url="/agents/refund-agent/one-on-one/",
    name="<b>Refunds</b>",
    vendor="Ours",
    state="idle",
    state_says="idle · 3 min",
    overnight="12 runs",
    failed="",
    why="2 errors",
    exceptions=0,
    exceptions_url="/exceptions/?agent=refund-agent",
    loss="$4.00",
    owners=("MR", "PN"),
    people="Marta Ruiz, Petra Novak",
    kpi="",
    tone="",
    spark="",
)


def test_the_same_row_is_drawn_once_and_escaped() -> None:
    assert drawn(AGENT, ROW) is drawn(AGENT, replace(ROW))
    assert "&lt;b&gt;Refunds&lt;/b&gt;" in drawn(AGENT, ROW)


def test_a_row_that_says_something_else_is_drawn_anew() -> None:
    for name in Row.__slots__:
        other: dict[str, Any] = {name: "other"}
        assert drawn(AGENT, replace(ROW, **other)) is not drawn(AGENT, ROW), name


def test_each_language_has_a_drawing_of_its_own() -> None:
    said = []
    for language in ("en", "es", "pt-br"):
        with override(language):
            said.append(drawn(AGENT, ROW))
    assert len(set(said)) == 3
