"""Tickets in a CSV file: every problem is named with its row, nothing is guessed, and nothing is taken in halves."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agents.base.cells import FORMULA
from agents.runs.enums import Channel
from agents.runs.inputs import MOST_SLA_MINUTES

LARGEST = 1_048_576
"""Bytes of a file."""
MOST = 1000
"""Tickets in a file."""
COLUMNS = {"text": 20_000, "customer": 200, "title": 200, "id": 200, "channel": 60, "sla_minutes": 10}
"""Column → most characters of a cell. Only `text` is needed."""

_WHOLE = re.compile(r"[0-9]{1,10}")
Record = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Ticket:
    """One run to be. `external_id` makes the same row of the same file the same run, however often it is sent."""

    row: int
    text: str
    customer: str
    title: str
    external_id: str
    channel: str = ""
    sla_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where; row 0 is the file itself."""

    row: int
    message: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The file as text with its SHA-256, its tickets, what keeps it from being taken, and what a person should know."""

    text: str
    sha256: str
    tickets: list[Ticket]
    problems: list[Problem]
    notes: list[Problem]


def parse(data: bytes) -> Parsed:
    """Read a file as UTF-8 (with or without BOM), else as Windows-1252. Never raises for what a person may upload."""
    if len(data) > LARGEST:
        return _refused(_("The file is larger than 1 MB. Send it in parts."))
    if b"\x00" in data or data[:4] == b"PK\x03\x04":
        return _refused(_("This is not a CSV file. In a spreadsheet, save it as CSV first."))
    try:
        text, notes = data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        notes = [Problem(0, _("The file is not UTF-8; it was read as Windows-1252. Look at the accents below."))]
    # Of the text, not of the bytes: the preview sends UTF-8 back, whatever the file was.
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    tickets, problems = _rows(text, sha256)
    notes += [Problem(row, _("Looks like a formula; it is taken as plain text.")) for row in _formulas(tickets)]
    return Parsed(text, sha256, tickets, problems, notes)


def _refused(why: str) -> Parsed:
    return Parsed("", "", [], [Problem(0, why)], [])


def _rows(text: str, sha256: str) -> tuple[list[Ticket], list[Problem]]:
    """Rows are numbered as a spreadsheet does, blank ones included; the first names the columns."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    tickets: list[Ticket] = []
    problems: list[Problem] = []
    row = 0
    try:
        names = _filled(next(reader, []))
        if problems := _header_problems(names):
            return [], problems
        for row, given in enumerate(reader, start=2):
            cells = _filled(given)
            record = _record(names, cells)
            found = list(_cell_problems(row, record)) if cells else []
            problems += found[:1]
            if cells and not found:
                tickets.append(_ticket(row, record, sha256))
            if len(tickets) > MOST:
                return [], [Problem(0, _("The file holds more than %d tickets. Send it in parts.") % MOST)]
    except csv.Error:
        return [], [Problem(max(row, 1) + 1, _("A quotation mark is never closed, or stands in the wrong place."))]
    if not tickets and not problems:
        problems = [Problem(0, _("The file holds no ticket."))]
    return tickets, problems + list(_repeated(tickets))


def _filled(cells: Sequence[str]) -> list[str]:
    """The cells but for what a spreadsheet leaves empty to their right."""
    last = max((place for place, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return list(cells[:last])


def _record(names: Sequence[str], cells: Sequence[str]) -> Record:
    """The row by the names of its columns; what is beyond them under None."""
    record: Record = dict(zip(names, cells, strict=False))
    return record | ({None: list(cells[len(names) :])} if len(cells) > len(names) else {})


def _delimiter(text: str) -> str:
    """Spreadsheets of many countries separate by semicolon."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _header_problems(names: Sequence[str]) -> list[Problem]:
    known = [name.strip().lower() for name in names]
    if "text" not in known:
        return [Problem(1, _("The first row must name the columns, and one of them must be “text”."))]
    strange = [name for name in known if name not in COLUMNS]
    if strange:
        sentence = _("Unknown column “%(name)s”. Columns are: %(columns)s.")
        return [Problem(1, sentence % {"name": name[:40], "columns": ", ".join(COLUMNS)}) for name in strange]
    twice = {name for name in known if known.count(name) > 1}
    return [Problem(1, _("The column “%(name)s” is there twice.") % {"name": name}) for name in sorted(twice)]


def _cell_problems(row: int, record: Record) -> Iterator[Problem]:
    if record.get(None) is not None:
        yield Problem(row, _("This row has more cells than there are columns."))
    cells = _cells(record)
    if not cells.get("text"):
        yield Problem(row, _("The text is empty."))
    for name, most in COLUMNS.items():
        if len(cells.get(name, "")) > most:
            yield Problem(row, _("“%(name)s” is longer than %(most)d characters.") % {"name": name, "most": most})
    if (channel := _channel(cells)) and channel not in Channel.values:
        sentence = _("There is no channel “%(name)s”. Channels are: %(channels)s.")
        yield Problem(row, sentence % {"name": channel[:40], "channels": ", ".join(Channel.values)})
    if (said := cells.get("sla_minutes")) and not (_WHOLE.fullmatch(said) and 1 <= int(said) <= MOST_SLA_MINUTES):
        yield Problem(row, _("“sla_minutes” must be a whole number from 1 to %(most)d.") % {"most": MOST_SLA_MINUTES})


def _channel(cells: Mapping[str, str]) -> str:
    return cells.get("channel", "").lower()


def _cells(record: Record) -> dict[str, str]:
    return {name.strip().lower(): (cell or "").strip() for name, cell in record.items() if name}


def _ticket(row: int, record: Record, sha256: str) -> Ticket:
    cells = _cells(record)
    text = cells["text"]
    title = cells.get("title") or " ".join(text.split())[:80]
    external_id, sla = cells.get("id") or f"{sha256[:16]}:{row}", cells.get("sla_minutes")
    return Ticket(row, text, cells.get("customer", ""), title, external_id, _channel(cells), int(sla) if sla else None)


def _repeated(tickets: list[Ticket]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for ticket in tickets:
        seen = first.setdefault(ticket.external_id, ticket.row)
        if seen != ticket.row:
            sentence = _("The id “%(id)s” is already that of row %(row)d.")
            yield Problem(ticket.row, sentence % {"id": ticket.external_id[:40], "row": seen})


def _formulas(tickets: list[Ticket]) -> list[int]:
    return [each.row for each in tickets if any(cell.startswith(FORMULA) for cell in (each.text, each.customer))]
