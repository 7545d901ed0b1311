"""Days and times, as readers of each language write them, and such that nobody reads another day."""

import datetime as dt

import pytest
import time_machine
from django.utils import translation
from django.utils.formats import date_format

from tests.cast import Cast
from tests.pages.conftest import SignIn

WRITTEN = {
    "en": ("5 November 2026, 14:30", "5 Nov 2026, 14:30"),
    "es": ("5 de noviembre de 2026 a las 14:30", "05/11/2026 14:30"),
    "pt-br": ("5 de Novembro de 2026 às 14:30", "05/11/2026 14:30"),
}


@pytest.mark.parametrize("language", WRITTEN)
def test_no_day_can_be_read_as_another_and_no_night_as_a_day(language: str) -> None:
    moment = dt.datetime(2026, 11, 5, 14, 30, tzinfo=dt.UTC)
    with translation.override(language):
        found = tuple(date_format(moment, form) for form in ("DATETIME_FORMAT", "SHORT_DATETIME_FORMAT"))
    assert found == WRITTEN[language]


@time_machine.travel("2026-11-22 12:00:00+00:00", tick=False)
@pytest.mark.parametrize(
    ("language", "day"),
    [("en", "Sunday 22 November"), ("es", "Domingo 22 de noviembre"), ("pt-br", "Domingo, 22 de Novembro")],
)
def test_today_names_its_day_as_its_reader_would(cast: Cast, sign_in: SignIn, language: str, day: str) -> None:
    cast.owner.language = language
    cast.owner.save()
    assert day in sign_in(cast.owner).get("/").content.decode()
