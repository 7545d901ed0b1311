"""Points the console at the stand-in model of this test session."""

import pytest
from pytest_django import Settings

from tests.rehearsal.fixtures import Rehearsal


@pytest.fixture
def use_rehearsal(rehearsal: Rehearsal, settings: Settings) -> None:
    settings.REHEARSAL_URL = rehearsal.url
    settings.OPENAI_BASE_URL = f"{rehearsal.url}/v1"
    settings.OPENAI_API_KEY = "rehearsal"
    settings.MODEL_IS_REHEARSAL = True
    settings.EGRESS_ALLOW = [rehearsal.url.removeprefix("http://")]
