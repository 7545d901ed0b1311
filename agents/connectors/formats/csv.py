"""CSV as spreadsheets save it: a row a run, or several rows with the same external_id, a step each.

Columns of the run: external_id (needed), title, status, input, result, error, cost, currency, started_at, finished_at.
Columns of the step: step (its name), kind, effect, step_input, step_output, step_error, step_cost, model, tokens_in,
tokens_out, latency_ms. The run is what its first row says.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from agents.connectors.formats.entries import BadFile, Entry

RUN = ("external_id", "title", "status", "input", "result", "error", "cost", "currency", "started_at", "finished_at")
STEP = {
    "step": "name",
    "kind": "kind",
    "effect": "effect",
    "step_input": "input",
    "step_output": "output",
    "step_error": "error",
    "step_cost": "cost",
    "model": "model",
    "tokens_in": "tokens_in",
    "tokens_out": "tokens_out",
    "latency_ms": "latency_ms",
}
Row = dict[str, str]


def entries(data: bytes) -> Iterator[Entry]:
    """One a run, at the place of its first row. Raises BadFile for what is no table with these columns."""
    return iter(list(_entries(_rows(_text(data)))))


def _text(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadFile(_("This is a workbook. Save it as CSV."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\x00" in text:
        raise BadFile(_("This is not a text file. Save it as CSV."))
    return text


def _rows(text: str) -> Iterator[tuple[int, Row | None]]:
    """Each row with its number; None for one with more or fewer cells than there are columns."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if "external_id" not in header:
            raise BadFile(_("The first row names the columns; one of them is external_id."))
        if unknown := [name for name in header if name not in RUN and name not in STEP]:
            raise BadFile(_("Nobody knows these columns: %(names)s.") % {"names": ", ".join(unknown)})
        for number, cells in enumerate(reader, start=2):
            if any(cells):
                yield number, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None
    except csv.Error as why:
        told = {"line": reader.line_num, "why": why}
        raise BadFile(_("This is not CSV, near line %(line)s: %(why)s") % told) from None


def _entries(rows: Iterator[tuple[int, Row | None]]) -> Iterator[Entry]:
    runs: dict[str, tuple[int, dict[str, Any]]] = {}
    for number, row in rows:
        if row is None:
            yield Entry(number, problem=_("It has more or fewer cells than there are columns."))
            continue
        _place, run = runs.setdefault(row["external_id"], (number, _run(row)))
        run["steps"] += [step] if (step := _step(row)) else []
    yield from (Entry(place, run) for place, run in runs.values())


def _run(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in RUN if row.get(name)} | {"steps": []}


def _step(row: Row) -> dict[str, Any] | None:
    step: dict[str, Any] = {STEP[name]: row[name] for name in STEP if row.get(name)}
    if step.get("error"):
        step["status"] = "failed"
    return step or None
