"""The one wrong number: how many of the seeded wrong facts are stopped before anybody is told, by kind."""

from itertools import groupby

from benchmarks.stand import Stand
from benchmarks.suites import Tally, tally
from benchmarks.table import Row
from tests.campaigns.wrong import SEEDED, Wrong

CASE = "test_a_wrong_fact_is_stopped"


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Each case is a test of its own, at the action and at the page; what was not stopped is named."""
    found = tally(stand, f"tests/campaigns/test_facts.py::{CASE}")
    kinds = [(kind, list(cases)) for kind, cases in groupby(SEEDED, lambda wrong: wrong.kind)]
    rows = [_row(f"wrong facts stopped before submit: {kind}", cases, found) for kind, cases in kinds]
    return [*rows, _row("wrong facts stopped before submit", list(SEEDED), found)]


def _row(what: str, cases: list[Wrong], found: Tally) -> Row:
    missed = [wrong.name for wrong in cases if not found.cases.get(f"{CASE}[{wrong.id}]")]
    stopped = f"{len(cases) - len(missed)} of {len(cases)}" + (f", missed: {', '.join(missed)}" if missed else "")
    return Row(what, stopped, goal=f"{len(cases)} of {len(cases)}", met=not missed)
