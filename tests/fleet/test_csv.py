"""A CSV of agents as spreadsheets save it: what can be read is read, what cannot is named with its row."""

import codecs
import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.fleet.cells import KpiGoal, Problem
from agents.fleet.csv import COLUMNS, MOST_BYTES, AgentRow, parse_agents
from agents.fleet.enums import Function, Vendor

HEADER = "name,vendor,owners,url,kpi,running_since\n"
LINE = "Ava,Artisan,amelia@x.example;dev@x.example,https://artisan.example/ava,meetings>=6,2026-01-15\n"
GOOD = HEADER + LINE
OWNERS = "amelia@x.example;dev@x.example"
AVA = AgentRow(
    row=2,
    slug="ava",
    name="Ava",
    vendor=Vendor.ARTISAN,
    owners=("amelia@x.example", "dev@x.example"),
    url="https://artisan.example/ava",
    native_name="",
    function=Function.OPERATIONS,
    language="en",
    kpis=(KpiGoal("meetings", Decimal(6), "", "higher"),),
    running_since=dt.date(2026, 1, 15),
)


def where(data: str | bytes) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in parse_agents(data)[1]]


@pytest.mark.parametrize(
    "data",
    [
        GOOD,
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace(",", "\t"),
        GOOD.replace(";", "#")
        .replace(",", ";")
        .replace("amelia@x.example#dev@x.example", '"amelia@x.example;dev@x.example"'),
        HEADER.upper().replace("_", " ") + LINE,
        GOOD + "\n ,,\n",
        GOOD.rstrip("\n"),
        GOOD.replace("\n", ", ,\n"),
    ],
)
def test_one_agent_is_read_from_every_kind_of_file(data: str | bytes) -> None:
    assert parse_agents(data) == ([AVA], [])


def test_letters_of_western_windows_are_read() -> None:
    rows, problems = parse_agents((HEADER + "Señal,ours,a@x.example,,,\n").encode("cp1252"))
    assert ([row.name for row in rows], [row.slug for row in rows], problems) == (["Señal"], ["senal"], [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "workbook"),
        (b"name\x00,vendor", "not a text file"),
        (b"na\x81me,vendor", "cannot be read"),
        (HEADER + 'Ava,"Artisan,a@x.example\n', "Row 2"),
        (HEADER + LINE + 'Ava,Art"isan"x,"a@x.example"y,,,\n', "Row 3"),
        (HEADER + LINE * 1001, "More than 1000"),
        ("x" * (MOST_BYTES + 1), "larger than 1 MB"),
        (HEADER + "x" * 200_000, "Row 2"),
        (HEADER, "no agents"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(data: str | bytes, says: str) -> None:
    rows, problems = parse_agents(data)
    assert rows == []
    assert [problem.row for problem in problems] == [0]
    assert says in problems[0].message


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("", ["name", "vendor", "owners"]),
        ("name,vendor", ["owners"]),
        ("name,vendor,owners,colour", ["colour"]),
        ("name,vendor,owners,Name", ["name"]),
        ("name,,vendor,owners", [""]),
        (",".join(f"c{n}" for n in range(20_000)), None),
    ],
)
def test_a_header_that_cannot_be_is_refused(header: str, columns: list[str] | None) -> None:
    problems = parse_agents(header + "\nx\n")[1]
    assert {problem.row for problem in problems} == {1}
    assert len(problems) <= 20
    assert columns is None or [problem.column for problem in problems] == columns


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",Artisan,a@x.example,,,", "name"),
        ("Ava,,a@x.example,,,", "vendor"),
        ("Ava,Artisan,,,,", "owners"),
        ("Ava,Skynet,a@x.example,,,", "vendor"),
        ("Ava,Artisan,nobody,,,", "owners"),
        ("Ava,Artisan,a@x.example;A@x.example,,,", "owners"),
        ("Ava,Artisan,a@x.example,javascript:alert(1),,", "url"),
        ("Ava,Artisan,a@x.example,ftp://x.example,,", "url"),
        ("Ava,Artisan,a@x.example,,meetings,", "kpi"),
        ("Ava,Artisan,a@x.example,,a>=1;a<=2,", "kpi"),
        ("Ava,Artisan,a@x.example,,a>=nan,", "kpi"),
        ("Ava,Artisan,a@x.example,,,15/01/2026", "running_since"),
        ("Ava,Artisan,a@x.example,,,2099-01-01", "running_since"),
        ("=cmd|' /C calc'!A0,Artisan,a@x.example,,,", "name"),
        ("Ava,Artisan,a@x.example,@SUM(1),,", "url"),
        ("Ava,Artisan,a@x.example,,+1,", "kpi"),
        ('Ava,Artisan,a@x.example,,"\t=1",', "kpi"),
        ("客服,Artisan,a@x.example,,,", "short_name"),
        (f"{'x' * 121},Artisan,a@x.example,,,", "name"),
        ("Ava,Artisan,a@x.example,,,,surplus", ""),
    ],
)
def test_what_is_wrong_in_a_row_is_named_and_the_other_rows_are_read(line: str, column: str) -> None:
    rows, problems = parse_agents(HEADER + line + "\n" + LINE.replace("Ava", "Bob"))
    assert [(problem.row, problem.column) for problem in problems] == [(2, column)]
    assert [row.name for row in rows] == ["Bob"]


def test_every_problem_of_a_row_is_named_at_once() -> None:
    assert where(HEADER + "Ava,Skynet,nobody,nowhere,much,soon\n") == [
        (2, "vendor"),
        (2, "owners"),
        (2, "url"),
        (2, "kpi"),
        (2, "running_since"),
    ]


def test_two_rows_of_one_short_name_name_each_other() -> None:
    rows, problems = parse_agents(GOOD + LINE + LINE)
    assert [problem.row for problem in problems] == [3, 4]
    assert {problem.message for problem in problems} == {"Row 2 has the same short name: ava."}
    assert len(rows) == 3


def test_a_kpi_reads_as_people_write_it() -> None:
    rows, _problems = parse_agents(HEADER + "Ava,ours,a@x.example,,first answer <= 4.5 min; CSAT>=80 %,\n")
    assert rows[0].kpis == (
        KpiGoal("first-answer", Decimal("4.5"), "min", "lower"),
        KpiGoal("csat", Decimal(80), "%", "higher"),
    )


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9 ,;\"'\n]{0,40}[a-z]", fullmatch=True)
ROWS = st.lists(st.tuples(NAMES, st.sampled_from(Vendor)), min_size=1, max_size=12)


@given(ROWS, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
@settings(max_examples=60)
def test_what_a_spreadsheet_writes_is_read_back(rows: list[tuple[str, Vendor]], delimiter: str, encoding: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["name", "vendor", "owners", "short name"])
    for number, (name, vendor) in enumerate(rows):
        writer.writerow([name, vendor.label, "a@x.example;b@x.example", f"agent-{number}"])
    read, problems = parse_agents(file.getvalue().encode(encoding))
    assert problems == []
    assert [(row.name, row.vendor) for row in read] == [(name.strip(), vendor) for name, vendor in rows]


@given(st.text(max_size=400) | st.binary(max_size=400))
@settings(max_examples=200)
def test_any_file_gets_an_answer(data: str | bytes) -> None:
    rows, problems = parse_agents(data)
    assert rows or problems


@given(st.lists(st.lists(st.text(max_size=30), max_size=len(COLUMNS) + 1), max_size=5))
@settings(max_examples=100)
def test_any_cells_under_the_right_header_give_rows_or_problems_of_those_rows(cells: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerows([list(COLUMNS), *cells])
    rows, problems = parse_agents(file.getvalue())
    for problem in problems:
        assert isinstance(problem, Problem)
        assert 0 <= problem.row <= len(cells) + 1
    assert {row.row for row in rows} <= set(range(2, len(cells) + 2))
