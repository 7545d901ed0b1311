"""The runs of a window that are likeliest to have gone wrong, though perhaps nobody raised anything about them."""

import uuid
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Greatest

from agents.fleet.models import Agent
from agents.runs import signals
from agents.runs.models import Assessment
from agents.runs.ranking import say_p, telling, weights_of
from agents.runs.suspicion.logistic import Weights
from agents.runs.window import Window

SHOWN, LIKELY = 3, 0.25
"""At most so many, from which probability on."""


@dataclass(frozen=True, slots=True)
class DoubtfulRun:
    """`says` how likely it is wrong, `why` in words."""

    run: uuid.UUID
    title: str
    says: str
    why: str


def doubtful_runs(agent: Agent, window: Window) -> list[DoubtfulRun]:
    """Those of the window in which we learned how they came out, the likeliest first; two queries."""
    learned = Greatest(F("run__state_since"), F("run__arrived_at"))
    found = Assessment.objects.filter(run__agent=agent, p_wrong__gte=LIKELY).annotate(learned=learned)
    found = found.filter(learned__gt=window.since, learned__lte=window.until).order_by("-p_wrong", "run_id")
    weights = weights_of([agent.team_id])[agent.team_id]
    rows = found.values_list("run_id", "run__title", "p_wrong", "signals")[:SHOWN]
    return [DoubtfulRun(run, title, say_p(p), _why(values, weights)) for run, title, p, values in rows]


def _why(values: dict[str, float], weights: Weights) -> str:
    return " · ".join(signals.words(name, values[name]) for name in telling(weights, signals.units(values)))
