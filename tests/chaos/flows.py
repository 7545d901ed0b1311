"""A flow whose every call leaves a line in a file, and whose first worker dies where its run says."""

import json
import os
import signal
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from agents.base import faults
from agents.engine import ALWAYS, Context, Edge, Effect, Graph, Kind, Node, Result, Slo
from agents.runs.registry import FlowContext, register_flow

SLUG = "chaos"
STEPS = 6
EFFECT_AT = 3


@dataclass(frozen=True)
class Diary:
    """One line a call: the run, the step, the process. Appended in one write, so that no line is torn by a kill."""

    file: Path

    def note(self, run: str, key: str) -> None:
        line = json.dumps([run, key, os.getpid()]) + "\n"
        with self.file.open("ab", buffering=0) as file:
            file.write(line.encode())

    def calls(self) -> dict[str, Counter[str]]:
        """How often each step of each run was really made."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for run, key, _pid in self._lines():
            found[run][key] += 1
        return found

    def pids(self, run: str) -> list[int]:
        return list(dict.fromkeys(pid for name, _key, pid in self._lines() if name == run))

    def _lines(self) -> list[tuple[str, str, int]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]


def build(context: FlowContext) -> Graph:
    """A chain with one write in it. The first worker to take the run is armed with the run's own fault."""
    diary, run = Diary(Path(os.environ["CHAOS_DIARY"])), context.run

    def call(of: Context) -> Result:
        diary.note(str(run.pk), of.key)
        time.sleep(float(run.input.get("pause", 0)))
        if run.input.get("poison"):
            os.kill(os.getpid(), signal.SIGKILL)
        return Result({"at": of.key})

    if run.fence == 1:
        faults.arm(run.input.get("fault", ""))
    steps = int(context.settings.get("steps", STEPS))
    nodes = tuple(
        Node(
            name=f"n{number}",
            kind=Kind.TOOL,
            call=call,
            effect=Effect.WRITE if number == EFFECT_AT else Effect.READ,
            exit=ALWAYS,
            latency_ms=100,
            cost_micros=0,
        )
        for number in range(steps)
    )
    ways = tuple(Edge(source=f"n{n}", target=f"n{n + 1}", criterion=ALWAYS) for n in range(steps - 1))
    return Graph(name=SLUG, pattern="chain", start="n0", nodes=nodes, edges=ways, slo=Slo(latency_ms=10_000))


def register() -> None:
    register_flow(SLUG, "Chaos", build)
