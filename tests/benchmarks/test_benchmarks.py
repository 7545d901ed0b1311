"""Every bench still runs and its assertions hold; figures of small counts mean nothing and are not looked at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import Row, against, at_least, at_most, printed, spread
from console.supervisor import state

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("steps", "lookups", "budget", "audit", "pages", "broadcast", "decisions", "ingest", "intake", "ranking")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_bench_that_needs_no_clone_runs_and_returns_its_rows() -> None:
    unset = {*state.ENVIRONMENT, "DATABASE_ROLE", "DJANGO_SETTINGS_MODULE", "ROLLCALL_LOCAL"}
    env = {name: value for name, value in os.environ.items() if name not in unset}
    command = (sys.executable, "-m", "benchmarks", "--quick", *NAMES)
    said = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in said.stderr, said.stderr
    for figure in (
        "10-step run",
        "runs at once",
        "three look-ups",
        "granted",
        "overspent",
        "2 writers",
        "verifying",
        "run page",
        "told who and when",
        "identical webhooks",
        "lost of",
        "shipped weights",
    ):
        assert figure in said.stdout


def test_a_goal_is_met_by_the_median() -> None:
    values = spread([1.0, 2.0, 9.0], "s")
    assert at_most("start", values, 2).met is True
    assert at_most("start", values, 1.9).met is False
    assert at_least("pace", values, 2).met is True


def test_a_ratio_is_taken_of_each_repeat_with_its_own_floor() -> None:
    row = against("step", spread([2.0, 40.0, 3.0], "ms"), spread([1.0, 10.0, 1.0], "ms"), "floor", most=3)
    assert (row.ratio, row.met) == (3.0, True)


def test_a_floor_that_moved_is_called_restless() -> None:
    restless = against("step", spread([1.0] * 4, "ms"), spread([1.0, 1.0, 2.0, 2.0], "ms"), "floor")
    steady = against("step", spread([1.0] * 4, "ms"), spread([1.0, 1.02, 1.01, 1.03], "ms"), "floor")
    assert "restless" in printed([restless])
    assert "restless" not in printed([steady])


def test_what_is_told_for_information_has_no_verdict() -> None:
    assert printed([Row("cores", "2")]).splitlines()[-1].rstrip().endswith("|")
