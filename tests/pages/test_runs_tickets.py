"""Tickets by form and by file: every problem has its row, nothing is taken in halves, nothing starts twice."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.base.ids import uuid7
from agents.fleet.enums import Vendor
from agents.fleet.models import Assignment
from agents.runs.models import Run
from console.pages.runs.tickets import LARGEST, MOST, parse
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import equip
from tests.pages.test_runs import queries_of

GOOD = "id,customer,text\nT-1,Marta Gil,Where is my order?\nT-2,,Please cancel it.\n"


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (b"", [(1, "one of them must be")]),
        (b"id,customer\n1,A\n", [(1, "one of them must be")]),
        (b"text,colour\na,b\n", [(1, "Unknown column “colour”")]),
        (b"text,text\na,b\n", [(1, "is there twice")]),
        (b"text\n", [(0, "holds no ticket")]),
        (b"text\nfine\n\nx,y\n", [(4, "more cells")]),
        (b"text,,id\na,,1\n", [(1, "Unknown column “”")]),
        (b"text,id\n,1\n  ,2\nok,3\n", [(2, "text is empty"), (3, "text is empty")]),
        (b'text\n"never closed\n', [(2, "quotation mark")]),
        (b"text,id\na,1\nb,1\n", [(3, "already that of row 2")]),
        (b"text,title\na," + b"t" * 201 + b"\n", [(2, "longer than 200")]),
        (b"text,channel\na,fax\nb,Chat\n", [(2, "There is no channel “fax”")]),
        (b"text,sla_minutes\na,0\nb,soon\nc,43201\nd,15\n", [(2, "whole number"), (3, "whole"), (4, "43200")]),
        (b"PK\x03\x04 not a table", [(0, "not a CSV file")]),
        (b"text\nnul \x00\n", [(0, "not a CSV file")]),
        (b"text\n" + b"x" * LARGEST, [(0, "larger than 1 MB")]),
        (b"text\n" + b"again\n" * (MOST + 1), [(0, "more than 1000")]),
    ],
)
def test_what_is_wrong_is_named_with_its_row(data: bytes, problems: list[tuple[int, str]]) -> None:
    found = parse(data).problems
    assert [problem.row for problem in found] == [row for row, _words in problems]
    for problem, (_row, words) in zip(found, problems, strict=True):
        assert words in problem.message


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("id,", " ID ,").encode(),
        GOOD.replace("\n", ",, \n").encode() + b",,,,\n",
    ],
)
def test_files_of_every_spreadsheet_are_read_alike(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.problems == []
    assert [(each.row, each.external_id, each.customer, each.text) for each in parsed.tickets] == [
        (2, "T-1", "Marta Gil", "Where is my order?"),
        (3, "T-2", "", "Please cancel it."),
    ]


def test_an_older_encoding_is_read_and_said() -> None:
    parsed = parse("text\n¿Dónde está?\n".encode("cp1252"))
    assert parsed.tickets[0].text == "¿Dónde está?"
    assert "Windows-1252" in parsed.notes[0].message


def test_what_looks_like_a_formula_is_plain_text_and_said() -> None:
    parsed = parse(b"text,customer\n=cmd|'/c calc'!A1,@SUM(1)\nfine,Ana\n")
    assert parsed.tickets[0].text == "=cmd|'/c calc'!A1"
    assert [(note.row, note.message) for note in parsed.notes] == [
        (2, "Looks like a formula; it is taken as plain text.")
    ]


def test_rows_without_a_number_are_known_by_their_file_and_place() -> None:
    first, again, other = (parse(data) for data in (b"text\na\na\n", b"text\r\na\r\na\r\n", b"text\na\na\nb\n"))
    assert len({ticket.external_id for ticket in first.tickets}) == 2
    assert {ticket.external_id for ticket in first.tickets}.isdisjoint(t.external_id for t in other.tickets)
    assert parse(b"text\na\na\n").tickets == first.tickets
    assert len(again.tickets) == 2


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"text,id\n{text}".encode("utf-8", "replace")))
def test_no_file_is_answered_with_an_exception(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.tickets or parsed.problems


def upload(client: Client, data: str | bytes, name: str = "tickets.csv") -> Any:
    content = data.encode() if isinstance(data, str) else data
    return client.post("/agents/refund-agent/runs/preview/", {"file": SimpleUploadedFile(name, content)})


def test_one_ticket_becomes_one_run_however_often_it_is_clicked(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent)
    client = sign_in(cast.owner)
    data = {"text": "Where is my order?", "customer": "Marta", "queue": "urgent", "key": str(uuid7())}
    pages = [client.post("/agents/refund-agent/runs/new/", data) for _ in range(2)]
    run = Run.objects.get()
    assert [page["Location"] for page in pages] == [f"/runs/{run.pk}/"] * 2
    assert (run.input, run.title, run.queue, run.started_by) == (
        {"text": "Where is my order?", "customer": "Marta"},
        "Where is my order?",
        "urgent",
        cast.owner,
    )


def test_a_ticket_says_by_which_channel_it_came_and_when_an_answer_is_owed(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent)
    client = sign_in(cast.owner)
    asked = {"text": "Where is my order?", "channel": "chat", "sla_minutes": "15"}
    client.post("/agents/refund-agent/runs/new/", {**asked, "queue": "bulk", "key": str(uuid7())})
    sent = {"csv": upload(client, "text,channel,sla_minutes\nWhere?,Chat,15\nAgain?,,\n").context["csv"]}
    client.post("/agents/refund-agent/runs/import/", sent)
    typed, row, bare = Run.objects.order_by("pk")
    for run in (typed, row):
        assert run.input["channel"] == "chat"
        assert run.answer_by is not None
        assert 14 * 60 < (run.answer_by - run.created_at).total_seconds() < 16 * 60
    assert (bare.answer_by, "channel" in bare.input) == (None, False)
    Run.objects.filter(pk=row.pk).update(answer_by=row.created_at)
    listed = client.get("/runs/").content.decode()
    assert (listed.count("answer owed by"), listed.count(">late<")) == (2, 1)
    shown = [client.get(f"/runs/{run.pk}/").content.decode() for run in (typed, row, bare)]
    assert ["Answer owed by" in page for page in shown] == [True, True, False]
    assert [">late<" in page for page in shown] == [False, True, False]


def test_a_ticket_that_cannot_start_comes_back_with_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    data = {"text": "Where is my order?", "queue": "urgent", "key": str(uuid7())}
    page = client.post("/agents/refund-agent/runs/new/", data)
    assert page.status_code == 422
    assert "refund agent has nothing to run here yet." in page.content.decode()
    assert "Where is my order?</textarea>" in page.content.decode()
    assert client.post("/agents/refund-agent/runs/new/", {**data, "text": "nul \x00"}).status_code == 422


def test_a_file_is_previewed_then_taken_in_whole_and_once(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent)
    client = sign_in(cast.owner)
    preview = upload(client, GOOD)
    assert preview.status_code == 200
    assert not Run.objects.exists()
    sent = {"csv": preview.context["csv"]}
    first = client.post("/agents/refund-agent/runs/import/", sent)
    assert Run.objects.count() == 2
    again = client.post("/agents/refund-agent/runs/import/", sent)
    assert Run.objects.count() == 2
    assert first["Location"] == again["Location"]
    batch = client.get(first["Location"])
    assert batch.context["batch"] == {"over": 0, "all": 2}
    assert "0 of 2 finished" in batch.content.decode()


def test_a_file_with_one_bad_row_starts_nothing(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent)
    page = upload(sign_in(cast.owner), GOOD + "T-2,Again,The same number\n")
    assert page.status_code == 422
    text = page.content.decode()
    assert "1 problem: nothing was started" in text
    assert "already that of row 3" in text
    assert 'name="csv"' not in text
    assert not Run.objects.exists()


def test_a_batch_that_fails_half_way_leaves_nothing(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent)
    client = sign_in(cast.owner)
    sent = {"csv": upload(client, GOOD).context["csv"]}
    Assignment.objects.all().delete()
    assert client.post("/agents/refund-agent/runs/import/", sent).status_code == 422
    assert not Run.objects.exists()


@pytest.mark.parametrize("csv", ["", "not base64!", "AAAA"])
def test_a_damaged_preview_is_said(cast: Cast, sign_in: SignIn, csv: str) -> None:
    equip(cast.agent)
    page = sign_in(cast.owner).post("/agents/refund-agent/runs/import/", {"csv": csv})
    assert page.status_code == 422


def test_an_empty_upload_is_said(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).post("/agents/refund-agent/runs/preview/", {})
    assert page.status_code == 422
    assert "This field is required." in page.content.decode()


def test_hostile_cells_stay_text_in_the_preview(cast: Cast, sign_in: SignIn) -> None:
    text = upload(sign_in(cast.owner), "text\n<img src=x onerror=alert(1)>\u202e\n").content.decode()
    assert "<img" not in text
    assert "⟦U+202E⟧" in text


@pytest.mark.parametrize("path", ["new", "preview", "import"])
def test_giving_work_is_for_those_who_may_instruct(cast: Cast, sign_in: SignIn, path: str) -> None:
    where = f"/agents/refund-agent/runs/{path}/"
    assert sign_in(cast.rival).post(where).status_code == 404
    assert sign_in(cast.manager).post(where).status_code == 404
    assert sign_in(cast.auditor).post(where).status_code == 403
    assert sign_in(cast.backup).post(where).status_code == 403


def test_the_preview_costs_the_same_for_one_ticket_and_for_three(cast: Cast, sign_in: SignIn) -> None:
    cast.agent.vendor = Vendor.OURS
    client = sign_in(cast.owner)
    assert queries_of(client, "/agents/refund-agent/runs/new/", fragment=False) < 15
    for tickets in (1, 3):
        found = upload(client, "text\n" + "a\n" * tickets)
        assert len(found.context["parsed"].tickets) == tickets
