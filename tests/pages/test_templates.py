"""What a strict content security policy and a reader of another language ask of every template."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "an inline style": r"\sstyle=",
    "an inline handler": r"\son\w+=[\"']",
    "an inline script": r"<script(?![^>]*(\bsrc=|type=\"application/json\"))",
    "an htmx handler": r"hx-on",
    "an address of another host": r"(src|href|action)=\"https?://",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    found = [path.name for path in TEMPLATES if re.search(FORBIDDEN[what], path.read_text())]
    assert found == []


def test_a_figure_of_a_flow_or_a_run_says_what_it_is_where_its_table_becomes_cards() -> None:
    """On a phone the heads of the columns are not shown; an amount of money alone says enough."""
    bare = [
        f"{path.name}: {cell[:60]}"
        for path in TEMPLATES
        if path.parent.name in ("flows", "runs") and path.name != "preview.html"
        for table in re.findall(r"<table class=\"list cards\".*?</table>", path.read_text(), re.DOTALL)
        for cell in re.findall(r"<td class=\"num[^>]*>.{40}", table.partition("<tbody")[2])
        if not re.search(r"data-says|wideonly|money:", cell)
    ]
    assert bare == []


def test_every_form_that_is_sent_carries_its_token() -> None:
    bare = [
        f"{path.name}: {form[:80]}"
        for path in TEMPLATES
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL)
        if "csrf_token" not in form and "parts/form.html" not in form and "slot body" not in form
    ]
    assert bare == []
