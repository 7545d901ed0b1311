"""Filters, views that are kept, the export, and deciding what was ticked."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from agents.base.ids import uuid7
from agents.fleet.actions import require_second_person
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.runs.actions import claim_item, snooze_item
from agents.runs.actions.turns import assign_item
from agents.runs.enums import ExceptionKind
from agents.runs.models import Decision, ReviewItem, RunException, SavedView
from agents.runs.queries import everything as queries
from agents.runs.queries.narrowing import Only
from audit.models import AuditEvent
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.stage import REFUND, a_question, an_approval


def another(cast: Cast) -> Agent:
    return make_agent(cast.team, "ava", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))


def rows(client: Client, query: str) -> int:
    return client.get(f"/queue/{query}").content.decode().count('id="item-')


def test_the_queue_is_narrowed(cast: Cast, sign_in: SignIn) -> None:
    client, ava = sign_in(cast.owner), another(cast)
    an_approval(cast.agent)
    mine = a_question(ava)
    a_question(ava, kind="silence", title="Silent")
    assign_item(mine.item, actor=cast.owner, to=cast.owner)
    shown = {query: rows(client, query) for query in ("", "?agent=ava", "?kind=silence", "?severity=high", "?mine=1")}
    assert shown == {"": 3, "?agent=ava": 2, "?kind=silence": 1, "?severity=high": 1, "?mine=1": 1}
    assert rows(client, "?agent=ava&kind=question&need=waiting") == 1
    assert rows(client, "?kind=nonsense") == 3
    assert f"/queue/{mine.item.pk}/?agent=ava" in client.get("/queue/?agent=ava").content.decode()


def test_a_view_is_kept_found_and_forgotten_by_its_person_only(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert "Show only" in client.get("/queue/views/?kind=silence").content.decode()
    kept = client.post("/queue/views/keep/", {"name": "Hot", "query": "?kind=silence"}, follow=True)
    assert 'href="/queue/export.csv?kind=silence"' in kept.content.decode(), "what is chosen stays chosen"
    client.post("/queue/views/keep/", {"name": "Hot", "query": "?severity=high"})
    view = SavedView.objects.get()
    assert 'href="/queue/?severity=high"><b>Hot<' in client.get("/queue/views/").content.decode()
    assert "Hot" not in sign_in(cast.second).get("/queue/views/").content.decode()
    assert sign_in(cast.second).post(f"/queue/views/{view.pk}/forget/").status_code == 404
    client.post(f"/queue/views/{view.pk}/forget/")
    assert not SavedView.objects.exists()


def test_the_export_is_the_filtered_queue_and_runs_in_no_spreadsheet(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.agent, title="=cmd|calc", severity="high")
    a_question(cast.agent, title="Other", severity="low")
    a_question(cast.rival_agent, title="Theirs", severity="high")
    answer: Any = sign_in(cast.owner).get("/queue/export.csv?severity=high")
    heading, *lines = csv.reader(StringIO(answer.getvalue().decode()))
    assert [line[heading.index("title")] for line in lines] == ["'=cmd|calc"]
    assert "2 open" in sign_in(cast.owner).get("/queue/views/").content.decode()
    assert AuditEvent.objects.get(verb="queue.exported").actor_id == cast.owner.pk


def test_the_export_streams_every_item_once_the_worst_first(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FIRST", 1)
    monkeypatch.setattr(queries, "CHUNK", 2)
    ava, ranks = another(cast), (5.0, 9.0, 5.0, 5.0, 1.0, 7.0, 5.0)
    for number, rank in enumerate(ranks):
        made = a_question((cast.agent, ava)[number % 2], title=f"Q{number}")
        ReviewItem.objects.filter(exception=made).update(rank=rank)
    answer: Any = sign_in(cast.owner).get("/queue/export.csv")
    assert answer.streaming
    heading, *lines = csv.reader(StringIO(answer.getvalue().decode()))
    titles = [line[heading.index("title")] for line in lines]
    assert (titles[:2], sorted(titles[2:6]), titles[6]) == (["Q1", "Q5"], ["Q0", "Q2", "Q3", "Q6"], "Q4")


def test_a_row_of_the_export_asks_nothing_more(cast: Cast, sign_in: SignIn, django_assert_num_queries: Any) -> None:
    cast.second.name = ""
    cast.second.save()
    for number in range(3):
        ReviewItem.objects.filter(exception=a_question(cast.agent, title=f"Q{number}")).update(assignee=cast.second)
    answer: Any = sign_in(cast.owner).get("/queue/export.csv")
    with django_assert_num_queries(2):  # the agent's first rows, and that there are no more
        heading, *lines = csv.reader(StringIO(answer.getvalue().decode()))
    assert [line[heading.index("assignee")] for line in lines] == [cast.second.email] * 3


def test_the_export_reads_each_chunk_along_the_index_of_the_agent_s_items(cast: Cast) -> None:
    last = an_approval(cast.agent).item
    found = queries.narrowed(cast.owner, "", Only(severity="high")).select_related("agent", "exception", "assignee")
    for before in (None, last):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
        told = queries.after(cast.agent.pk, found, before)[:9].explain()
        assert "using item_of_agent" in told
        assert "Sort" not in told


def test_an_agent_is_chosen_by_its_name(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).get("/queue/views/", {"agent": cast.agent.slug}).content.decode()
    choice = page.split('name="agent"')[1].split("</select>")[0]
    assert f'<option value="{cast.agent.slug}" selected>{cast.agent}</option>' in choice
    assert cast.rival_agent.slug not in choice


def confirm(client: Client, exceptions: list[RunException], kind: str, **more: Any) -> str:
    pairs = [f"{each.item.pk}:{each.proposal_sha256}" for each in exceptions]
    answer = client.post("/queue/bulk/", {"item": pairs, "kind": kind, "key": uuid7(), **more})
    return f"{answer.status_code} {answer.content.decode()}"


def test_what_was_ticked_is_shown_confirmed_and_told_item_by_item(cast: Cast, sign_in: SignIn) -> None:
    free, taken = a_question(cast.agent, title="One"), a_question(cast.agent, title="Two", severity="low")
    claim_item(taken.item, actor=cast.second)
    client = sign_in(cast.owner)
    page = client.get("/queue/bulk/", {"item": [str(free.item.pk), str(taken.item.pk), "x"]}).content.decode()
    assert page.count('name="item"') == 2
    assert ('value="respond"' in page, 'value="approve"' in page) == (True, False), "questions propose nothing"
    assert not Decision.objects.exists()
    said = confirm(client, [free, taken], "escalate", note="Look")
    assert said.startswith("200")
    assert ("Escalate" in said, "Dev is on it until " in said) == (True, True)
    assert Decision.objects.get().item == free.item


def test_a_row_that_stands_for_many_is_ticked_with_all_of_them(cast: Cast, sign_in: SignIn) -> None:
    leads, folded, *apart = [a_question(cast.agent, title="One") for _each in range(4)]
    claim_item(apart[0].item, actor=cast.second)
    snooze_item(apart[1].item, actor=cast.owner, until=timezone.now() + timedelta(hours=1))
    client = sign_in(cast.owner)
    shown = client.get("/queue/bulk/", {"item": [str(leads.item.pk)]}).context["items"]
    assert [item.exception for item in shown] == [leads, folded]
    alone = client.get("/queue/bulk/", {"item": [str(apart[1].item.pk)]}).context["items"]
    assert [item.exception for item in alone] == [apart[1]], "what was put off is a row of its own"


def test_what_was_left_is_offered_again_with_everything_typed(cast: Cast, sign_in: SignIn) -> None:
    asked = a_question(cast.agent, title="One", schema={})
    failed = a_question(cast.agent, title="Two", schema={}, kind=ExceptionKind.FAILURE)
    said = confirm(sign_in(cast.owner), [asked, failed], "respond", note="Sent anew")
    assert (said.count('<b class="ok-text">'), "left</b> Say what was behind it." in said) == (1, True)
    form = said.split('id="bulk-decide"')[1]
    assert (form.count('name="item"'), f'value="{failed.item.pk}:' in form, ">Sent anew</textarea>" in form) == (
        1,
        True,
        True,
    )
    again = confirm(sign_in(cast.owner), [failed], "approve", note="Sent anew", root_cause="rule", key="x")
    assert again.startswith("422")
    assert '<option value="rule" selected>' in again


def test_what_somebody_decided_meanwhile_is_told_too(cast: Cast, sign_in: SignIn) -> None:
    ticked = [a_question(cast.agent, title=title) for title in ("One", "Two")]
    confirm(sign_in(cast.second), ticked[:1], "ignore", note="Old")
    said = confirm(sign_in(cast.owner), ticked, "ignore", note="Old")
    assert said.count('<b class="ok-text">') == 1
    assert "left</b>" in said


def test_only_what_is_alike_and_below_the_limit_is_approved_together(cast: Cast, sign_in: SignIn) -> None:
    client, ava = sign_in(cast.owner), another(cast)
    here, there = an_approval(cast.agent), an_approval(ava)
    assert 'value="approve"' in client.get("/queue/bulk/", {"item": str(here.item.pk)}).content.decode()
    assert "Approve together only what one agent asks of one kind." in confirm(client, [here, there], "approve")
    more = an_approval(cast.agent, proposal={**REFUND, "amount_micros": 1})
    require_second_person(cast.agent, above_micros=1_000_000, actor=cast.owner)
    assert "needs a second person" in confirm(client, [here, more], "approve")
    assert not Decision.objects.exists()
    require_second_person(cast.agent, above_micros=None, actor=cast.owner)
    assert confirm(client, [here, more], "approve").count('<b class="ok-text">') == 2


def test_nobody_decides_together_what_is_not_his(cast: Cast, sign_in: SignIn) -> None:
    exception = an_approval(cast.agent)
    for person in (cast.auditor, cast.rival):
        assert confirm(sign_in(person), [exception], "reject").startswith("422")
    assert not Decision.objects.exists()
