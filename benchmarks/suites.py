"""Figures that are tests: which cases of a file hold, asked of pytest in a process of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.stand import Stand
from console.supervisor import state


@dataclass(frozen=True)
class Tally:
    """Whether each case passed, by name."""

    cases: dict[str, bool]

    @property
    def passed(self) -> int:
        return sum(self.cases.values())


def tally(stand: Stand, *arguments: str) -> Tally:
    """Run pytest with `arguments` on services of its own."""
    report = stand.home / "report.xml"
    command = (sys.executable, "-m", "pytest", "-p", "no:randomly", f"--junitxml={report}", *arguments)
    subprocess.run(command, cwd=state.ROOT, env=stand.given, stdout=subprocess.DEVNULL, check=False)
    return Tally(_read(report))


def _read(report: Path) -> dict[str, bool]:
    faults = ("failure", "error", "skipped")
    cases = ElementTree.parse(report).iter("testcase")
    return {case.get("name", "?"): not any(case.find(fault) is not None for fault in faults) for case in cases}
