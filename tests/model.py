"""Points the console at the stand-in model of this test session."""

from typing import Any

import pytest
from pytest_django import Settings

from tests.rehearsal.fixtures import Rehearsal


def settings_of(rehearsal: Rehearsal) -> dict[str, Any]:
    return {
        "REHEARSAL_URL": rehearsal.url,
        "OPENAI_BASE_URL": f"{rehearsal.url}/v1",
        "OPENAI_API_KEY": "rehearsal",
        "MODEL_IS_REHEARSAL": True,
        "EGRESS_ALLOW": [rehearsal.url.removeprefix("http://")],
    }


@pytest.fixture
def use_rehearsal(rehearsal: Rehearsal, settings: Settings) -> None:
    for name, value in settings_of(rehearsal).items():
        setattr(settings, name, value)
