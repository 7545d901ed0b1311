"""The one wrong number: how many of the seeded wrong facts are stopped before anybody is told."""

from benchmarks.stand import Stand
from benchmarks.suites import tally
from benchmarks.table import Row
from tests.campaigns.test_facts import SEEDED

CASES = "tests/campaigns/test_facts.py::test_a_wrong_fact_is_stopped"


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Each case is a test of its own; what was not stopped is named."""
    found = tally(stand, CASES)
    missed = ", ".join(name for name, stopped in found.cases.items() if not stopped)
    stopped = f"{found.passed} of {len(SEEDED)}" + (f", missed: {missed}" if missed else "")
    met = found.passed == len(SEEDED)
    return [Row("wrong facts stopped before submit", stopped, goal=f"{len(SEEDED)} of {len(SEEDED)}", met=met)]
