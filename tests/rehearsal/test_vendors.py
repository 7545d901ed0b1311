"""The demo vendors: the same night to whoever asks again, paged and refused as their documentation says."""

import datetime as dt
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import pytest

from agents.rehearsal.vendors.night import happenings, night
from tests.rehearsal.fixtures import Rehearsal

NOW = dt.datetime.now(dt.UTC)
WEEK = dt.timedelta(days=7)
DAY = dt.date(2026, 11, 20)


def ask(rehearsal: Rehearsal, path: str, **headers: str) -> tuple[int, Any]:
    return rehearsal.request("GET", f"/vendors/{path}", None, **(headers or {"Authorization": "Bearer seed"}))


def when(moment: dt.datetime) -> str:
    return quote(moment.isoformat())


def test_a_night_is_the_same_for_a_seed_and_a_day_and_different_for_others() -> None:
    assert night("seed", DAY) == night("seed", DAY)
    assert night("seed", DAY) != night("other", DAY)
    assert night("seed", DAY) != night("seed", DAY + dt.timedelta(days=1))
    assert len({each.id for each in happenings("seed", NOW - WEEK, NOW)}) == len(happenings("seed", NOW - WEEK, NOW))


def test_a_silent_agent_has_said_nothing_for_four_days() -> None:
    told = happenings("seed-silent", NOW - 2 * WEEK, NOW)
    assert told
    assert max(each.until for each in told) < NOW - dt.timedelta(days=3)


def test_a_calm_night_needs_nobody_and_an_asking_one_somebody_once() -> None:
    calm, asking = ([each.outcome for each in night(f"seed-{kind}", DAY)] for kind in ("calm", "asks"))
    assert not {"escalated", "failed"} & set(calm)
    assert "booked" in calm
    assert asking[:2] == ["escalated", "failed"]
    assert not {"escalated", "failed"} & set(asking[2:])


def test_what_falls_between_two_windows_is_in_exactly_one_of_them() -> None:
    middle = NOW - dt.timedelta(days=2, hours=3)
    whole = happenings("seed", NOW - WEEK, NOW)
    assert [*happenings("seed", NOW - WEEK, middle), *happenings("seed", middle, NOW)] == whole


def pages(rehearsal: Rehearsal) -> Iterator[list[Any]]:
    after = ""
    while True:
        status, told = ask(rehearsal, f"qualified/v2/conversations?ended_after={when(NOW - WEEK)}{after}")
        assert status == 200
        yield told["data"]
        if not told["pageInfo"]["hasNextPage"]:
            return
        after = f"&after={told['pageInfo']['endCursor']}"


def test_pages_follow_each_other_without_gap_or_repeat(rehearsal: Rehearsal) -> None:
    found = list(pages(rehearsal))
    ids = [each["id"] for page in found for each in page]
    assert len(found) > 1
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"qualified/v2/meetings?updated_after={when(NOW)}", 400),  # inside the hold of a day
        ("qualified/v2/conversations?ended_after=yesterday", 400),
        ("monaco/v1/nothing", 404),
        ("salesforce/services/data/v64.0/sobjects/X__c/Agent__c/a", 404),
        ("salesforce/services/data/v64.0/query/?q=SELECT", 400),
    ],
    ids=["held for a day", "no time", "no path", "no object", "half a query"],
)
def test_what_is_asked_wrongly_is_refused(rehearsal: Rehearsal, path: str, status: int) -> None:
    connection = HTTPConnection("127.0.0.1", rehearsal.port, timeout=60)
    connection.request("GET", f"/vendors/{path}", headers={"Authorization": "Bearer seed"})
    refused = connection.getresponse().status
    connection.close()
    assert refused == status


@pytest.mark.parametrize("credential", ["", "Bearer ", "Bearer wrong"])
def test_without_a_credential_there_is_no_account(rehearsal: Rehearsal, credential: str) -> None:
    assert ask(rehearsal, "monaco/v1/me", Authorization=credential)[0] == 401


def test_customers_do_not_see_each_other(rehearsal: Rehearsal) -> None:
    told = {"blocks": {"campaign": {"name": "campaign", "block_type": "MANUAL", "content": "Ours"}}}
    path = "/vendors/monaco/v1/sequence-templates/1"
    rehearsal.request("PATCH", path, told, Authorization="Bearer one")
    held = [ask(rehearsal, "monaco/v1/sequence-templates/1", Authorization=f"Bearer {who}") for who in ("one", "two")]
    assert [answer["data"]["blocks"]["campaign"]["content"] for _status, answer in held] == ["Ours", ""]


def test_a_scripted_failure_is_met_once_and_by_that_vendor_only(rehearsal: Rehearsal) -> None:
    rehearsal.script([{"kind": "500", "for": "monaco"}])
    asked = f"qualified/v2/conversations?ended_after={when(NOW - WEEK)}"
    answers = [ask(rehearsal, path)[0] for path in (asked, "monaco/v1/me", "monaco/v1/me")]
    assert answers == [200, 500, 200]


def test_an_idempotency_key_says_a_thing_once(rehearsal: Rehearsal) -> None:
    told = {"events": [{"type": "system.message", "content": [{"type": "text", "text": "Spring sale"}]}]}
    for _ in range(2):
        rehearsal.request(
            "POST", "/vendors/claude/v1/sessions/s/events", told, **{"x-api-key": "a", "Idempotency-Key": "k"}
        )
    status, held = ask(rehearsal, "claude/v1/sessions/s/events", **{"x-api-key": "a"})
    assert (status, len(held["data"])) == (200, 1)
