"""How well the queue finds what really went wrong: 100 real airline runs of which 69 failed (τ-bench, GPT-4o).

Ground truth is read here and by the importer alone. Every row says what its weights have seen. Blind ones were set
without these outcomes (`blind.py`: two sets, three attempts, each looked at once). The shipped ones were not: length
of talk, likeness, haste and several sizes were chosen after looking, so their rows flatter them. `LEFT_OUT` ones are
fitted to the other tasks' outcomes for each task, from nothing or from the shipped ones. Intervals are of tasks drawn
again with replacement (Efron 1979): runs of one task are alike.
"""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import copysign

from agents.connectors.actions import import_runs
from agents.connectors.models import GroundTruth
from agents.runs.models import Run
from agents.runs.ranking import shipped
from agents.runs.signals import units
from agents.runs.suspicion.assessing import look_at
from agents.runs.suspicion.logistic import Example, Weights, auc, fit
from benchmarks import blind, worlds
from benchmarks.blame import DATA, blamed, failures
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row

TAU = DATA / "tau-airline/gpt-4o-runs.json"
DRAWS, SPLITS, WORLDS, FEW = 2000, 50, 20, 6
QUARTER = 4
GOALS = (0.78, 0.88)
SHIPPED = "shipped weights (chosen after looking)"
EQUAL = "the shipped signs, all as strong (signs chosen after looking)"
LEFT_OUT = "fitted on the other tasks"


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
    known, draws, splits = airline_runs(), 5 if quick else DRAWS, 1 if quick else SPLITS
    weights, failed = shipped(), failures()
    if quick:
        known, failed = [each for each in known if each.task < FEW], failed[:FEW]
    first = blind.by_kind(weights)
    taught = blind.by_disagreement(first, [each.units for each in known])
    second = blind.between(first, taught)
    nothing = replace(weights, each=dict.fromkeys(weights.each, 0.0))
    return [
        Row("random order, AUC", "0.50"),
        _row("newest first, AUC", known, auc_of, lambda each: each.place, draws),
        _row("errors first, AUC", known, auc_of, lambda each: each.values.get("errors", 0), draws),
        *_shown("blind weights, first set", known, _odds(first), draws, (0.70, 0)),
        *_refitted("blind weights, first set, re-fitted", known, first, splits, GOALS),
        *_shown("blind weights, second set", known, _odds(second), draws, (0.70, 0)),
        *_refitted("blind weights, second set, re-fitted (third attempt)", known, second, splits, GOALS),
        *_shown(EQUAL, known, _odds(equal(known, weights)), draws),
        *_shown(SHIPPED, known, _odds(weights), draws, (0.70, 0)),
        *_refitted(f"{SHIPPED} re-fitted", known, weights, splits, GOALS),
        *_shown(f"no weights, {LEFT_OUT}", known, left_out(known, nothing), draws),
        *_shown(f"{SHIPPED} {LEFT_OUT}", known, left_out(known, weights), draws),
        *blind.named(failed, {"the first set": first, "what disagreement taught": taught, "the second set": second}),
        *worlds.made_up(known, second, _places(known), 1 if quick else WORLDS),
        *blamed(failed),
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
    scored = [(score(each), each.failed) for each in known]
    for value in sorted({value for value, _failed in scored}, reverse=True):
        alike = [failed for found, failed in scored if found == value]
        room = min(len(alike), count - taken)
        found += room * sum(alike) / len(alike)
        taken += room
    return found / count


def equal(known: Sequence[Known], weights: Weights) -> Weights:
    """Every sign that these weights count as strong as every other, by how much it varies; no outcome is read."""
    spread = {name: statistics.pstdev(each.units.get(name, 0.0) for each in known) for name in weights.each}
    return Weights(
        0.0, {name: copysign(1 / s, weights.each[name]) for name, s in spread.items() if s and weights.each[name]}
    )


def left_out(known: Sequence[Known], prior: Weights) -> Score:
    """The score of each run under weights fitted without its task."""
    fitted = {
        task: fit([(e.units, e.failed) for e in known if e.task != task], prior) for task in {e.task for e in known}
    }
    return lambda each: fitted[each.task].odds(each.units)


def _shown(
    what: str, known: Sequence[Known], score: Score, draws: int, least: tuple[float, float] = (0, 0)
) -> list[Row]:
    return [
        _row(f"{what}, AUC", known, auc_of, score, draws, least[0]),
        _row(f"{what}, real failures in the first quarter", known, first_quarter, score, draws, least[1]),
    ]


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


def _halves(known: Sequence[Known], number: int) -> list[tuple[list[Known], list[Known]]]:
    tasks = _by_task(known)
    random.Random(number).shuffle(tasks)
    first, second = (list(chain(*part)) for part in (tasks[: len(tasks) // 2], tasks[len(tasks) // 2 :]))
    return [(first, second), (second, first)]


def _places(known: Sequence[Known]) -> worlds.Halves:
    """`_halves` as places, so that made-up outcomes can stand in for the real ones."""
    places = {id(each): place for place, each in enumerate(known)}
    return lambda number: [
        ([places[id(each)] for each in learnt], [places[id(each)] for each in tested])
        for learnt, tested in _halves(known, number)
    ]


def _by_task(known: Sequence[Known]) -> list[list[Known]]:
    return [[each for each in known if each.task == task] for task in sorted({each.task for each in known})]


def _told(what: str, value: float, drawn: Sequence[float], least: float) -> Row:
    low, *_middle, high = statistics.quantiles(drawn, n=40)
    ours = f"{value:.2f} (95 %: {low:.2f}–{high:.2f})"
    return Row(what, ours, goal=f"≥ {least:.2f}" if least else "", met=value >= least if least else None)
