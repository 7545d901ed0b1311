"""How well the queue finds what really went wrong: 100 real airline runs of which 69 failed (τ-bench, GPT-4o).

Ground truth is read here and by the importer alone. Two sets of weights, told apart in every row: BLIND as reasoned
before any of these outcomes was seen (they alone meet or miss a goal), and the shipped ones, whose length of talk,
likeness and several sizes were chosen after looking at these very outcomes: their rows flatter them. Intervals are of
tasks drawn again with replacement (Efron 1979): runs of one task are alike.
"""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from agents.connectors.actions import import_runs
from agents.connectors.models import GroundTruth
from agents.runs.models import Run
from agents.runs.ranking import shipped
from agents.runs.signals import units
from agents.runs.suspicion.assessing import look_at
from agents.runs.suspicion.logistic import Example, Weights, auc, fit
from agents.runs.suspicion.suspects import agents_of, suspects
from agents.runs.suspicion.trace import traces
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TAU, WHO = DATA / "tau-airline/gpt-4o-runs.json", DATA / "who-and-when/failures.jsonl"
DRAWS, SPLITS = 2000, 50
QUARTER, TOP = 4, 3
BLIND = {
    "effects": 0.4,
    "differing": 1.0,
    "length": 0.3,
    "reply": 0.3,
    "turn": 0.3,
    "tools": 0.3,
    "pushback": 0.4,
    "wishes": 0.3,
    "declined": 0.2,
    "handoff": 0.6,
    "unconfirmed": 0.6,
    "gave_way": 0.9,
}
"""Where reasoning alone had set other weights than are shipped; it knew of these runs that the length of talk tells."""
LOOKED = "chosen after looking"


@dataclass(frozen=True)
class Known:
    """One real run: its task, place in time, what the ranker sees of it, and whether it failed."""

    task: int
    place: int
    values: Mapping[str, float]
    units: Mapping[str, float]
    failed: bool


Score = Callable[[Known], float]
Measure = Callable[[Sequence[Known], Score], float]


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Skipped with a word where the real runs are not at hand."""
    if not DATA.exists():
        return [Row("shipped weights, AUC", "the real runs are not on this machine")]
    known, draws, splits = airline_runs(), 50 if quick else DRAWS, 4 if quick else SPLITS
    weights = shipped()
    blind = replace(weights, each={**weights.each, **BLIND})
    return [
        Row("random order, AUC", "0.50"),
        _row("newest first, AUC", known, auc_of, lambda each: each.place, draws),
        _row("errors first, AUC", known, auc_of, lambda each: each.values.get("errors", 0), draws),
        _row("blind weights, AUC", known, auc_of, _odds(blind), draws, least=0.70),
        _row("blind weights, real failures in the first quarter", known, first_quarter, _odds(blind), draws),
        *_refitted("blind weights re-fitted", known, blind, splits, (0.78, 0.88)),
        _row(f"shipped weights ({LOOKED}), AUC", known, auc_of, _odds(weights), draws),
        _row(f"shipped weights ({LOOKED}), first quarter", known, first_quarter, _odds(weights), draws),
        *_refitted(f"shipped weights ({LOOKED}) re-fitted", known, weights, splits),
        *_blamed(),
    ]


def airline_runs() -> list[Known]:
    """Imported as anybody would, then what is known of them."""
    [agent] = make_agents(make_team(), 1, steps=1)
    import_runs(agent, TAU.read_bytes(), format="tau-bench")
    runs = {
        pk: place
        for place, pk in enumerate(Run.objects.filter(agent=agent).order_by("pk").values_list("pk", flat=True))
    }
    found = {run: look.signs for run, look in look_at(runs).items()}
    truths = GroundTruth.objects.filter(run__in=runs)
    return [
        Known(t.data["task_id"], runs[t.run_id], found[t.run_id], units(found[t.run_id]), t.data["reward"] < 1)
        for t in truths
    ]


def auc_of(known: Sequence[Known], score: Score) -> float:
    return auc([score(each) for each in known], [each.failed for each in known])


def first_quarter(known: Sequence[Known], score: Score) -> float:
    """The share of real failures among the quarter that ranks first; of equal scores, as many as chance would take."""
    count = len(known) / QUARTER
    taken = found = 0.0
    for value in sorted({score(each) for each in known}, reverse=True):
        alike = [each.failed for each in known if score(each) == value]
        room = min(len(alike), count - taken)
        found += room * sum(alike) / len(alike)
        taken += room
    return found / count


def _row(what: str, known: Sequence[Known], measure: Measure, score: Score, draws: int, least: float = 0) -> Row:
    tasks = _by_task(known)
    dice = random.Random(0)
    drawn = [measure(list(chain(*dice.choices(tasks, k=len(tasks)))), score) for _ in range(draws)]
    return _told(what, measure(known, score), drawn, least)


def _odds(weights: Weights) -> Score:
    return lambda each: weights.odds(each.units)


def _refitted(
    what: str, known: Sequence[Known], prior: Weights, splits: int, least: tuple[float, float] = (0, 0)
) -> list[Row]:
    """Fitted on half the tasks and tested on the other, both ways round, again and again."""
    halves = [half for number in range(splits) for half in _halves(known, number)]
    aucs, quarters = [], []
    for learnt, tested in halves:
        examples: list[Example] = [(each.units, each.failed) for each in learnt]
        score = _odds(fit(examples, prior))
        aucs.append(auc_of(tested, score))
        quarters.append(first_quarter(tested, score))
    return [
        _told(f"{what} on half the tasks, AUC on the other half", statistics.mean(aucs), aucs, least[0]),
        _told(f"{what}, real failures in the first quarter", statistics.mean(quarters), quarters, least[1]),
    ]


def _blamed() -> list[Row]:
    """Real failures of systems of many agents (Who&When): is who and what people blame among the first suspects?"""
    [agent] = make_agents(make_team(), 1, steps=1)
    import_runs(agent, WHO.read_bytes(), format="who-and-when")
    truths = dict(GroundTruth.objects.filter(run__agent=agent).values_list("run_id", "data"))
    seen = traces(truths)
    agents, steps = [], []
    chance: list[tuple[float, float]] = []
    for run, truth in truths.items():
        ranked = suspects(seen[run])
        agents.append(_place(truth["mistake_agent"], agents_of(ranked)))
        steps.append(_place(int(truth["mistake_step"]), [each.place for each in ranked]))
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


def _halves(known: Sequence[Known], number: int) -> list[tuple[list[Known], list[Known]]]:
    tasks = _by_task(known)
    random.Random(number).shuffle(tasks)
    first, second = (list(chain(*part)) for part in (tasks[: len(tasks) // 2], tasks[len(tasks) // 2 :]))
    return [(first, second), (second, first)]


def _by_task(known: Sequence[Known]) -> list[list[Known]]:
    return [[each for each in known if each.task == task] for task in sorted({each.task for each in known})]


def _told(what: str, value: float, drawn: Sequence[float], least: float) -> Row:
    low, *_middle, high = statistics.quantiles(drawn, n=40)
    ours = f"{value:.2f} (95 %: {low:.2f}–{high:.2f})"
    return Row(what, ours, goal=f"≥ {least:.2f}" if least else "", met=value >= least if least else None)
