"""A CSV of agents, as a spreadsheet saves it, read into rows; whatever is wrong is named with its row and column.

Columns: name, vendor and owners (e-mail addresses separated by `;`: the first is primary, the next second, further
ones backup) are needed. url, native_name, short_name, function (else operations), language (else en), kpi
(`meetings>=6; first answer<=5 min`) and running_since (YYYY-MM-DD) may be left out. Row 1 holds the names of the
columns; comma, semicolon or tab separates.
"""

import codecs
import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents.fleet import cells
from agents.fleet.cells import Cells, KpiGoal, Problem, Unreadable
from agents.fleet.enums import Function, Vendor

MOST_BYTES = 1_000_000
MOST_ROWS = 1_000
NEEDED = ("name", "vendor", "owners")
COLUMNS = (*NEEDED, "url", "native_name", "short_name", "function", "language", "kpi", "running_since")


@dataclass(frozen=True)
class AgentRow:
    """One agent as the file describes it."""

    row: int
    slug: str
    name: str
    vendor: Vendor
    owners: tuple[str, ...]
    url: str
    native_name: str
    function: Function
    language: str
    kpis: tuple[KpiGoal, ...]
    running_since: dt.date | None


def parse_agents(data: str | bytes) -> tuple[list[AgentRow], list[Problem]]:
    """The rows that can be read, and every problem found. Nothing is looked up: owners may still be unknown."""
    try:
        records = _records(_text(data))
    except Unreadable as why:
        return [], [Problem(0, "", str(why))]
    if problems := _header_problems(records):
        return [], problems
    header = _names(records)
    rows: list[AgentRow] = []
    for number, record in enumerate(records[1:], start=2):
        if any(cell.strip() for cell in record):
            row, found = _row(number, header, record)
            problems += found
            rows += [row] if row else []
    return rows, problems + list(_twice(rows))


def _text(data: str | bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 1 MB."))
    text = data if isinstance(data, str) else _decode(data)
    if "\x00" in text:
        raise Unreadable(_("This is not a text file. Save it as CSV."))
    return text.removeprefix("\ufeff")


def _decode(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(_("This is a workbook. Save it as CSV."))
    # What Excel writes: UTF-8 or UTF-16 with a mark, else the code page of western Windows.
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The file's characters cannot be read. Save it as UTF-8."))


def _records(text: str) -> list[list[str]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            records.append(record)
            if len(records) > MOST_ROWS + 1:
                raise Unreadable(_("More than %(most)s agents: split the file.") % {"most": MOST_ROWS})
    except csv.Error as error:
        at = {"row": len(records) + 1}
        raise Unreadable(_("Row %(row)s cannot be read; a quotation mark may not be closed.") % at) from error
    return records


def _column(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def _names(records: list[list[str]]) -> list[str]:
    """The columns; what a spreadsheet leaves empty to their right is none."""
    names = [_column(name) for name in records[0]] if records else []
    while names and not names[-1]:
        names.pop()
    return names


def _header_problems(records: list[list[str]]) -> list[Problem]:
    names = _names(records)
    problems = [Problem(1, name, _("This column is missing.")) for name in NEEDED if name not in names]
    for name, times in Counter(names).items():
        if name not in COLUMNS:
            problems.append(Problem(1, name[:40], _("We do not know this column.")))
        elif times > 1:
            problems.append(Problem(1, name, _("This column is there twice.")))
    if len(records) == 1 and not problems:
        problems.append(Problem(0, "", _("There are no agents in the file.")))
    return problems[:20]


def _row(number: int, header: list[str], record: list[str]) -> tuple[AgentRow | None, list[Problem]]:
    if any(cell.strip() for cell in record[len(header) :]):
        return None, [Problem(number, "", _("There are more cells than columns."))]
    given = Cells(number, dict(zip(header, record, strict=False)))
    name = given.need("name", cells.text(120), "")
    row = AgentRow(
        row=number,
        name=name,
        vendor=given.need("vendor", cells.choice(Vendor), Vendor.MANUAL),
        owners=given.need("owners", cells.emails, ()),
        url=given.read("url", cells.url, ""),
        native_name=given.read("native_name", cells.text(120), ""),
        slug=given.read("short_name", cells.slug, slugify(name)[:60].strip("-")),
        function=given.read("function", cells.choice(Function), Function.OPERATIONS),
        language=given.read("language", cells.text(10), "en"),
        kpis=given.read("kpi", cells.kpis, ()),
        running_since=given.read("running_since", cells.day, None),
    )
    if not row.slug and name:
        problem = _("Give a short name: this name has no Latin letters to make one of.")
        given.problems.append(Problem(number, "short_name", problem))
    return (None if given.problems else row), given.problems


def _twice(rows: list[AgentRow]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in rows:
        if row.slug in first:
            message = _("Row %(row)s has the same short name: %(slug)s.")
            yield Problem(row.row, "short_name", message % {"row": first[row.slug], "slug": row.slug})
        first.setdefault(row.slug, row.row)
