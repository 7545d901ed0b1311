"""Who stays signed in, and until when."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from console.sessions import SessionStore
from tests.cast import Cast


def test_a_session_is_read_as_django_wrote_it(db: None) -> None:
    written = SessionStore()
    written["look"] = ["", "2026-11-21T06:00:00+00:00"]
    written.save()
    assert SessionStore(written.session_key)["look"] == ["", "2026-11-21T06:00:00+00:00"]


@pytest.mark.parametrize("key", [None, "neverissuedneverissuedneverissue"])
def test_one_that_nobody_was_given_holds_nothing_and_loses_its_name(db: None, key: str | None) -> None:
    found = SessionStore(key)
    assert not found.items()
    assert found.session_key is None


def test_a_session_that_is_over_signs_nobody_in(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.owner)
    assert client.get("/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/").status_code == 302
