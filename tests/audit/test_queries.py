"""Reading the trail, and what the application's role may do to it."""

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from agents.base.actors import SYSTEM, Actor
from agents.base.context import correlate
from agents.base.ids import uuid7
from audit import actions, queries, verbs
from audit.actions import record
from audit.checks import append_only
from audit.invariants import events_and_payloads_match
from audit.models import AuditEvent
from audit.sealing import seal
from tests.audit.conftest import TRIED, Say, cheating

LATER = verbs.register("test.tried_later", "Tried later")


@pytest.mark.django_db
def test_a_team_sees_its_own_events_and_an_owner_those_of_her_agents(say: Say) -> None:
    mine, other, agent = uuid7(), uuid7(), uuid7()
    say(2, team_id=mine)
    say(1, team_id=mine, agent_id=agent)
    say(1, team_id=other)
    assert queries.events_for(mine).count() == 3
    assert queries.events_for(mine, [agent]).count() == 1
    assert queries.events_for(other, [agent]).count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_page_does_not_read_every_head_that_was_ever_published(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_all(path: Path) -> bytes:
        raise AssertionError("a head every five seconds is a hundred megabytes a month")

    say(1)
    seal()
    monkeypatch.setattr(Path, "read_bytes", read_all)
    assert queries.seal_status().published == 1


@pytest.mark.django_db
def test_search_finds_by_who_what_when_and_text() -> None:
    team, agent, request = uuid7(), uuid7(), uuid7()
    amelia = Actor("person", uuid7(), "Amelia")
    with correlate(request):
        first = record(
            TRIED, actor=amelia, team_id=team, agent_id=agent, object_label="Refund agent", reason="Çok güzel"
        )
    second = record(LATER, actor=SYSTEM, team_id=team, note="50% done_")
    hour = dt.timedelta(hours=1)
    asked: list[tuple[dict[str, Any], list[AuditEvent]]] = [
        ({}, [first, second]),
        ({"actor": "amel"}, [first]),
        ({"verb": TRIED}, [first]),
        ({"verb": "test"}, [first, second]),
        ({"verb": "tes"}, []),
        ({"agent_id": agent}, [first]),
        ({"object_id": request}, [first]),
        ({"since": first.at - hour, "until": first.at + hour}, [first, second]),
        ({"until": first.at - hour}, []),
        ({"text": "refund"}, [first]),
        ({"text": "güzel"}, [first]),
        ({"text": "50% done_"}, [second]),
        ({"text": "%"}, [second]),
    ]
    for arguments, expected in asked:
        found = queries.search(queries.events_for(team), **arguments).order_by("seq")
        assert list(found) == expected, arguments


@pytest.mark.django_db
def test_pages_follow_by_seq_in_two_queries_whatever_the_depth(say: Say, django_assert_num_queries: Any) -> None:
    events = say(7)
    trail = queries.events_for(events[0].team_id)  # type: ignore[arg-type]
    with django_assert_num_queries(2):
        newest = queries.page(trail, size=3)
    with django_assert_num_queries(2):
        middle = queries.page(trail, size=3, before=newest.older)
    oldest = queries.page(trail, size=3, before=middle.older)
    seen = [entry.event for page in (newest, middle, oldest) for entry in page.entries]
    assert seen == events[::-1]
    assert oldest.older is None
    assert oldest.entries[0].said == {"note": "number 0"}


@pytest.mark.django_db(transaction=True)
def test_the_status_tells_how_provable_the_trail_is(say: Say) -> None:
    assert queries.seal_status().last is None
    (first, *_rest) = say(3)
    made = seal()
    (waiting,) = say(1)
    actions.verify(actor=SYSTEM)
    status = queries.seal_status()
    assert (status.last, status.published, status.unsealed, status.oldest) == (made, 1, 2, waiting.at)
    assert status.append_only
    assert status.verified is not None
    assert status.verified.said is not None
    assert status.verified.said["findings"] == 0
    assert queries.seal_of(first) == made
    assert queries.seal_of(waiting) is None


FORBIDDEN = [
    "UPDATE audit_auditevent SET verb = 'x'",
    "DELETE FROM audit_auditevent",
    "TRUNCATE audit_auditevent",
    "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
    "DROP TABLE audit_auditevent",
    "SET session_replication_role = replica",
    "UPDATE audit_seal SET root = 'x'",
    "DELETE FROM audit_seal",
    "UPDATE audit_auditpayload SET body = '{}'",
    "SELECT setval('audit_event_seq', 1)",
    "INSERT INTO audit_auditevent (id, at) VALUES (gen_random_uuid(), '2020-01-01')",
    "INSERT INTO audit_auditevent (id, seq) VALUES (gen_random_uuid(), 1)",
    "INSERT INTO audit_auditevent (id, xid) VALUES (gen_random_uuid(), 1)",
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_cannot_change_history_or_choose_an_events_place_in_it(statement: str) -> None:
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert getattr(refused.value.__cause__, "sqlstate", "") == "42501"


@pytest.mark.django_db
def test_even_the_owner_is_stopped_by_the_trigger_until_she_takes_it_away(say: Say) -> None:
    say(1)
    assert queries.append_only_by_role()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        try:
            assert not queries.append_only_by_role()
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                cursor.execute("UPDATE audit_auditevent SET verb = 'x'")
        finally:
            cursor.execute("SET ROLE console_app")


def test_start_up_warns_where_the_application_owns_the_trail(settings: Any) -> None:
    assert append_only() == []
    settings.DATABASE_APP_ROLE = None
    assert [warning.id for warning in append_only()] == ["audit.W001"]


@pytest.mark.django_db
def test_an_event_without_what_it_says_is_a_broken_invariant(say: Say) -> None:
    events = say(2)
    assert events_and_payloads_match() == []
    with cheating() as cursor:
        cursor.execute("DELETE FROM audit_auditpayload WHERE event_id = %s", [events[0].pk])
        cursor.execute("DELETE FROM audit_auditevent WHERE id = %s", [events[1].pk])
    assert events_and_payloads_match() == [
        f"Event {events[0].seq} says nothing, and nobody redacted it.",
        f"Payload {events[1].pk} belongs to no event.",
    ]


@pytest.mark.django_db(transaction=True)
def test_check_invariants_asks_every_app_and_fails_when_one_is_broken(say: Say) -> None:
    (event,) = say(1)
    out = StringIO()
    call_command("check_invariants", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["ok"]
    assert answer["invariants"]["I7 the trail verifies"] == []
    with cheating() as cursor:
        cursor.execute("DELETE FROM audit_auditpayload WHERE event_id = %s", [event.pk])
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("check_invariants", stdout=out)
    assert stopped.value.code == 1
    assert f"BROKEN  I6 every event has what it says\n  Event {event.seq}" in out.getvalue()


@pytest.mark.django_db
def test_a_verb_is_registered_once_and_read_in_words() -> None:
    with pytest.raises(ValueError, match="twice"):
        verbs.register("test.tried", "Something else")
    with pytest.raises(ValueError, match="longer"):
        verbs.register("x" * 61, "Too long")
    assert verbs.label(TRIED) == "Tried something"
    assert verbs.label("of.an_older_release") == "of.an_older_release"
    assert verbs.registered()[TRIED] == "Tried something"
