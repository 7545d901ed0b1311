"""Settings that only matter on the open internet."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

SAYS = "import json; from console import settings as s; print(json.dumps([s.SECURE_HSTS_SECONDS, s.HTTPS]))"


@pytest.mark.parametrize(("https", "seconds"), [("1", 365 * 24 * 3600), ("0", 0)])
def test_browsers_are_told_to_stay_with_https_only_where_there_is_https(https: str, seconds: int) -> None:
    given = {**os.environ, "HTTPS": https, "DJANGO_SETTINGS_MODULE": ""}
    said = subprocess.run([sys.executable, "-c", SAYS], env=given, capture_output=True, check=True, text=True).stdout
    assert json.loads(said) == [seconds, https == "1"]


def test_what_the_pane_said_is_not_kept_in_a_cookie() -> None:
    assert settings.MESSAGE_STORAGE.endswith("SessionStorage")
