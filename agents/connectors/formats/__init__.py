"""Files of runs, each format a function from bytes to entries; whatever is wrong is named with its place."""

from collections.abc import Callable, Iterator

from agents.connectors.formats import csv, jsonl, otlp, tau_bench, who_and_when
from agents.connectors.formats.entries import BadFile, Entry

FORMATS: dict[str, Callable[[bytes], Iterator[Entry]]] = {
    "tau-bench": tau_bench.entries,
    "who-and-when": who_and_when.entries,
    "jsonl": jsonl.entries,
    "csv": csv.entries,
    "otlp": otlp.entries,
}

__all__ = ["FORMATS", "BadFile", "Entry"]
