"""The page of the trail: who may read what, the search, the proof, the exports."""

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.fleet.enums import OwnerRole
from agents.runs.actions import cancel_run
from agents.runs.enums import RunState
from audit.actions import record, record_each, redact, verify
from audit.models import AuditEvent
from audit.sealing import seal
from audit.verbs import register
from tests.cast import Cast, make_agent
from tests.morning.stage import analyze
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run
from tests.pages.test_a_million import plan
from tests.pages.test_runs import queries_of

QUERIES = 14
PAGE_TESTED = register("page.tested", "tested a page")


def said(cast: Cast, number: int = 1, **data: Any) -> list[AuditEvent]:
    """Events about the agent of the cast."""
    agent, team = cast.agent, cast.team.pk
    return [
        record(PAGE_TESTED, actor=cast.owner.actor, team_id=team, obj=agent, agent_id=agent.pk, n=n, **data)
        for n in range(number)
    ]


def test_the_trail_costs_the_same_for_one_event_and_for_three(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.auditor)
    said(cast)
    assert queries_of(client, "/audit/", fragment=False) == QUERIES
    said(cast, 2)
    assert queries_of(client, "/audit/", fragment=False) == QUERIES


def test_auditor_chief_and_administrator_read_the_team_owners_their_agents_others_nothing(
    cast: Cast, sign_in: SignIn
) -> None:
    other = make_agent(cast.team, "other", (cast.chief, OwnerRole.PRIMARY), (cast.backup, OwnerRole.SECOND))
    mine = said(cast)[0]
    theirs = record(PAGE_TESTED, actor=cast.chief.actor, team_id=cast.team.pk, agent_id=other.pk)
    nobody_s = record(PAGE_TESTED, actor=cast.chief.actor, team_id=cast.team.pk)
    foreign = record(PAGE_TESTED, actor=cast.rival.actor, team_id=cast.rival_team.pk, agent_id=cast.rival_agent.pk)
    for person, seen in {
        cast.auditor: {mine, theirs, nobody_s},
        cast.administrator: {mine, theirs, nobody_s},
        cast.chief: {mine, theirs, nobody_s},
        cast.owner: {mine},
        cast.trainee: {mine},
        cast.backup: {mine, theirs},
        cast.rival: {foreign},
    }.items():
        page = sign_in(person).get("/audit/?verb=page")
        assert {row.entry.event for row in page.context["rows"]} == seen, person
    for person in (cast.manager, cast.human_agent, cast.leadership, cast.engineer):
        assert sign_in(person).get("/audit/").status_code == 403
        assert sign_in(person).post("/audit/export/").status_code == 403


def test_the_search_finds_by_who_what_agent_day_id_and_text(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.QUEUED)
    cancel_run(run, actor=cast.second, reason="needle in a haystack")
    said(cast, 2)
    client, today = sign_in(cast.auditor), timezone.localdate().isoformat()
    for query, count in {
        "actor=dev": 1,
        "verb=run.cancelled": 1,
        "verb=run": 1,
        f"object={run.pk}": 1,
        "text=needle": 1,
        "agent=refund-agent&verb=page": 2,
        "agent=rival-agent": 0,
        f"since={today}&until={today}&verb=page": 2,
        "until=1999-01-01": 0,
        "since=2990-01-01": 0,
    }.items():
        assert len(client.get(f"/audit/?{query}").context["rows"]) == count, query


def test_the_number_that_whoever_was_refused_something_gives_finds_what_their_request_did(
    cast: Cast, sign_in: SignIn
) -> None:
    number = sign_in(cast.owner).get("/people/")["X-Request-Id"]
    page = sign_in(cast.auditor).get("/audit/", {"object": number})
    assert [row.entry.event.verb for row in page.context["rows"]] == ["access.refused"]
    assert f'value="{number}"' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "since=0001-01-01",
        "until=9999-12-31",
        "object=x",
        "object=req_1",
        "before=-1",
        "before=99999999999999999999",
    ],
)
def test_what_cannot_be_searched_by_is_named(cast: Cast, sign_in: SignIn, query: str) -> None:
    said(cast)
    page = sign_in(cast.auditor).get(f"/audit/?{query}")
    assert page.status_code == 200
    assert 'class="note note-bad"' in page.content.decode()


def test_the_trail_goes_on_where_the_page_ended(cast: Cast, sign_in: SignIn) -> None:
    events = said(cast, 60)
    client, path, seen = sign_in(cast.auditor), "/audit/?verb=page", list[AuditEvent]()
    while path:
        page = client.get(path)
        seen += [row.entry.event for row in page.context["rows"]]
        path = page.context["older"]
    assert seen == list(reversed(events))


def test_an_event_opens_to_what_it_said_with_hash_and_seal(cast: Cast, sign_in: SignIn) -> None:
    event = said(cast, 1, why=HOSTILE)[0]
    text = sign_in(cast.auditor).get("/audit/").content.decode()
    for shown in (
        event.payload_sha256,
        "alert(1)",
        str(event.correlation_id),
        "not sealed yet",
        "/agents/refund-agent/",
    ):
        assert shown in text
    assert "<img" not in text


def test_an_erased_event_says_that_it_was(cast: Cast, sign_in: SignIn) -> None:
    with transaction.atomic():
        redact(said(cast)[0], actor=cast.auditor.actor, reason="asked by the customer")
    assert "erased, on record" in sign_in(cast.auditor).get("/audit/").content.decode()


def test_the_csv_is_safe_to_open_and_its_taking_is_recorded(cast: Cast, sign_in: SignIn) -> None:
    record(PAGE_TESTED, actor=cast.owner.actor, team_id=cast.team.pk, object_label="=cmd|'/c calc'!A1")
    answer = sign_in(cast.auditor).post("/audit/export/", {"format": "csv", "verb": "page", "actor": "amelia"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["label"] for row in rows] == ["'=cmd|'/c calc'!A1"]
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    taken = AuditEvent.objects.get(verb="audit.exported")
    assert (taken.actor_id, taken.team_id) == (cast.auditor.pk, cast.team.pk)


def test_the_export_with_proof_holds_what_was_searched_for(cast: Cast, sign_in: SignIn) -> None:
    said(cast, 3)
    a_question(cast.agent)
    answer: Any = sign_in(cast.owner).post("/audit/export/", {"verb": "page"})
    (piece,) = answer.streaming_content  # a hundred lines go to the client at once
    lines = [json.loads(line) for line in piece.decode().splitlines()]
    assert [line["kind"] for line in lines if line["kind"] != "seal"] == ["rollcall-audit-1", "event", "event", "event"]
    assert lines[0]["whole"] is False


def test_taking_the_trail_along_is_a_post(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.auditor).get("/audit/export/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_the_page_says_how_provable_the_trail_is(cast: Cast, sign_in: SignIn) -> None:
    said(cast)
    assert "nothing sealed yet" in sign_in(cast.auditor).get("/audit/").content.decode()
    seal()
    verify(actor=cast.auditor.actor)
    text = sign_in(cast.auditor).get("/audit/").content.decode()
    assert "seal 1" in text
    assert "up to date" in text
    assert "intact" in text
    assert "enforced by role" in text


def test_a_search_keeps_its_words_when_it_is_exported(cast: Cast, sign_in: SignIn) -> None:
    said(cast)
    words = '"><script>alert(3)</script>'
    text = sign_in(cast.auditor).get(f"/audit/?text={quote(words)}").content.decode()
    assert "<script>alert(3)" not in text
    assert text.count("&quot;&gt;&lt;script&gt;alert(3)") == 2


def test_a_title_of_ours_is_read_in_the_reader_s_language(cast: Cast, sign_in: SignIn) -> None:
    title = "The budget does not cover “classify”"
    record(PAGE_TESTED, actor=cast.owner.actor, team_id=cast.team.pk, agent_id=cast.agent.pk, title=title)
    cast.auditor.language = "es"
    cast.auditor.save()
    page = sign_in(cast.auditor).get("/audit/?verb=page").content.decode()
    assert ": El presupuesto no alcanza para" in page


def test_an_event_about_a_run_is_shown_with_its_title_until_that_is_erased(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.QUEUED)
    event = record(PAGE_TESTED, actor=cast.owner.actor, team_id=cast.team.pk, obj=run, agent_id=cast.agent.pk)
    client, path = sign_in(cast.auditor), "/audit/?verb=page"
    assert f"tested a page: {run.title}" in client.get(path).content.decode()
    redact(event, actor=cast.auditor.actor, reason="asked by the customer")
    page = client.get(path).content.decode()
    assert run.title not in page
    assert f"tested a page: run {str(run.pk)[:4]}…" in page


def test_the_last_verification_and_a_request_s_number_are_found_without_reading_the_trail(
    cast: Cast, sign_in: SignIn
) -> None:
    many = [(cast.agent, {"n": n}) for n in range(1000)]
    record_each(PAGE_TESTED, many, actor=SYSTEM, team_id=cast.team.pk, agent_id=cast.agent.pk)
    analyze()
    with CaptureQueriesContext(connection) as caught:
        assert sign_in(cast.auditor).get("/audit/?object=req_0123456789abcdef").status_code == 200

    asked = {word: each["sql"] for each in caught for word in ("'audit.verified'", "'req_") if word in each["sql"]}

    assert "using audit_team_newest" in plan(asked["'audit.verified'"])
    assert "using audit_request" in plan(asked["'req_"])
