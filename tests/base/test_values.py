"""Money, canonical JSON, cells, fault points and nudges."""

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from agents.base import faults, hooks
from agents.base.canonical import canonical, plain
from agents.base.cells import safe_cell
from agents.base.errors import Invalid
from agents.base.faults import NAMES, Fault, faultpoint
from agents.base.money import LARGEST, decimal_text, format_money, parse_currency, parse_micros


@given(st.integers(-LARGEST, LARGEST))
def test_every_amount_survives_writing_and_reading(micros: int) -> None:
    assert parse_micros(decimal_text(micros), negative=True) == micros


@given(st.decimals(0, 10**12, places=6))
def test_decimals_are_read_exactly(amount: Decimal) -> None:
    assert parse_micros(format(amount, "f")) == int(amount * 1_000_000)


WRONG = [
    "",
    " 1",
    "1 ",
    "12,50",
    "1e3",
    "+1",
    ".5",
    "1.",
    "0x10",
    "NaN",
    "Infinity",
    "1_000",
    "1.2345678",
    "٣",
    "--1",
    "1\n",
]


@pytest.mark.parametrize("text", [*WRONG, "9" * 14, "9223372036854.775808"])
def test_any_other_spelling_of_an_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_micros(text)


def test_floats_are_refused_and_negatives_where_told() -> None:
    for wrong in (0.1, 5, None, Decimal(1)):
        with pytest.raises(TypeError):
            parse_micros(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        format_money(0.1, "USD")  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        parse_micros("-5")
    assert refused.value.code == "negative_amount"
    assert parse_micros("-5", negative=True) == -5_000_000


def test_currencies_are_three_capitals() -> None:
    assert parse_currency("EUR") == "EUR"
    for wrong in ("", "eur", "EURO", "€", "EU1"):
        with pytest.raises(Invalid):
            parse_currency(wrong)


@pytest.mark.parametrize(
    ("language", "micros", "currency", "shown"),
    [
        ("en", 1_234_567_890, "USD", "$1,234.57"),
        ("en", 4_200, "USD", "$0.0042"),
        ("en", 1, "USD", "$0.000001"),
        ("en", 0, "USD", "$0.00"),
        ("en", -4_200, "USD", "-$0.0042"),
        ("en", -5_000_000, "EUR", "-€5.00"),
        ("es", 1_234_567_890_000, "EUR", "1.234.567,89\xa0€"),
        ("es", 4_200, "EUR", "0,0042\xa0€"),
        ("pt-br", 1_234_567_890, "BRL", "R$\xa01.234,57"),
        ("en", 1_500_000_000, "JPY", "¥1,500"),
    ],
)
def test_amounts_are_shown_in_the_readers_language(language: str, micros: int, currency: str, shown: str) -> None:
    with translation.override(language):
        assert format_money(micros, currency) == shown


def test_templates_show_money() -> None:
    page = Template("{% load rollcall %}{{ cost|money:'EUR' }}").render(Context({"cost": 2_500_000}))
    assert page == "€2.50"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.uuids()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_json_is_stable_and_storable(value: Any) -> None:
    given_ = plain(value)
    text = canonical(given_)
    assert canonical(json.loads(text)) == text
    assert plain(given_) == given_
    assert b"\\u0000" not in text


@pytest.mark.django_db
def test_canonical_json_survives_jsonb() -> None:
    nasty = {"z": [1, -(10**30), True, None], "aa": {"ñ": "😀\x7f\u2028"}, "a": 'q"\\/\n', "": {}, "b\x00": "\ud800"}
    value = plain(nasty)
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::jsonb)::text", [canonical(value).decode()])
        assert canonical(json.loads(cursor.fetchone()[0])) == canonical(value)


def test_what_has_no_stable_spelling_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(70):
        deep = [deep]
    for wrong in (0.5, {"a": [0.5]}, object(), b"bytes", {1: "a"}):
        with pytest.raises(TypeError):
            plain(wrong)
    for wrong in (deep, dt.datetime(2026, 1, 1)):  # noqa: DTZ001
        with pytest.raises(ValueError):
            plain(wrong)


class Colour(StrEnum):
    RED = "red"


def test_everyday_values_have_one_spelling() -> None:
    noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    one = uuid.UUID(int=1)
    assert plain(
        {"c": Colour.RED, "n": noon, "d": noon.date(), "t": noon.time(), "u": one, "l": gettext_lazy("x")}
    ) == {
        "c": "red",
        "n": "2026-03-01T10:00:00.000000Z",
        "d": "2026-03-01",
        "t": "12:00:00",
        "u": str(one),
        "l": "x",
    }
    assert plain({"s": {3, 1, 2}, "w": dt.timedelta(seconds=1), "p": Decimal("1.50")}) == {
        "s": [1, 2, 3],
        "w": "1000000us",
        "p": "1.50",
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1", "－1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


def test_ordinary_cells_stay_as_they_are() -> None:
    assert [safe_cell(value) for value in ("a=1", "", None, -5, "1-2")] == ["a=1", "", "", -5, "1-2"]


@pytest.fixture
def _disarmed() -> Iterator[None]:
    yield
    faults.arm("")


@pytest.mark.usefixtures("_disarmed")
def test_a_fault_point_acts_at_its_nth_arrival_only() -> None:
    faultpoint("claim.after")
    faults.arm("claim.after:raise:2")
    faultpoint("step.before_call")
    faultpoint("claim.after")
    with pytest.raises(Fault):
        faultpoint("claim.after")
    faultpoint("claim.after")


@pytest.mark.parametrize(
    "spec", ["claim.after", "nowhere:raise", "claim.after:explode", "claim.after:raise:x", "a:b:c:d"]
)
def test_a_wrong_fault_stops_the_start_rather_than_testing_nothing(spec: str) -> None:
    with pytest.raises(ValueError):
        faults.parse(spec)


def test_the_environment_arms_a_process_that_then_dies_on_the_spot() -> None:
    code = "from agents.base.faults import faultpoint; faultpoint('claim.after'); print('alive')"
    env = {**os.environ, "ROLLCALL_FAULT": "claim.after:kill9"}
    died = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=settings.BASE_DIR, capture_output=True, check=False
    )
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, b"")


def test_every_fault_point_in_the_code_is_a_registered_one() -> None:
    used = set()
    for folder in ("agents", "audit", "campaigns", "console"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            used |= set(re.findall(r"faultpoint\(\"([^\"]+)\"\)", Path(path).read_text()))
    assert used
    assert used <= set(NAMES)


@pytest.mark.django_db(transaction=True)
def test_pages_are_nudged_after_the_commit_and_a_failing_subscriber_harms_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def broken(name: str) -> None:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(hooks, "changed", [broken, heard.append])
    with transaction.atomic():
        hooks.notify("fleet")
        assert heard == []
    assert heard == ["fleet"]
    assert "Redis is away" in caplog.text
