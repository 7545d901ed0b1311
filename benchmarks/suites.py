"""Figures that are tests: how many of a file's cases passed, asked of pytest in a process of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.stand import Stand
from console.supervisor import state


@dataclass(frozen=True)
class Tally:
    """Cases that passed, of how many, and what was said of the others."""

    passed: int
    cases: int
    complaints: tuple[str, ...]

    @property
    def all(self) -> bool:
        return 0 < self.passed == self.cases


def tally(stand: Stand, *arguments: str) -> Tally:
    """Run pytest with `arguments` on services of its own."""
    report = stand.home / "report.xml"
    command = (sys.executable, "-m", "pytest", "-p", "no:randomly", f"--junitxml={report}", *arguments)
    subprocess.run(command, cwd=state.ROOT, env=stand.given, stdout=subprocess.DEVNULL, check=False)
    return _read(report)


def _read(report: Path) -> Tally:
    cases = list(ElementTree.parse(report).iter("testcase"))
    bad = [case for case in cases if len(case) and case[0].tag != "system-out"]
    return Tally(len(cases) - len(bad), len(cases), tuple(case.get("name", "?") for case in bad))
