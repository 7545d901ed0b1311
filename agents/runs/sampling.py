"""Which outputs people look at though nothing speaks against them: drawn by lot, and the same ones however often.

The lot is a keyed hash of the run's id: no agent can tell which of its runs is drawn, and a higher share draws what the
lower one drew and more.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

from agents.base.money import MICRO
from agents.fleet.policy import SAMPLES
from agents.runs.models import Run
from agents.runs.stakes import amounts
from agents.runs.suspicion.speech import amounts as named
from agents.runs.suspicion.trace import Trace

EVERYBODY = "*"
DIGITS = 15


@dataclass(frozen=True, slots=True)
class Rate:
    """Of an agent's runs that put out or changed an amount of at least `least`, the share that people look at.

    `before` it leaves, where a flow of ours can wait; else after.
    """

    share: float
    least: float = 0.0
    before: bool = False

    def draws(self, run: uuid.UUID, impact: float | None) -> bool:
        """Whether the lot falls on the run; `impact` as below."""
        return impact is not None and impact >= self.least and lot(run) < self.share


def rate_of(rules: Mapping[str, Any], run: Run) -> Rate | None:
    """That of the run's agent, else of its flow, else that for everybody; its agent and flow are read."""
    told: Mapping[str, Any] = rules.get(SAMPLES, {})
    flow = run.flow_version.flow.slug if told and run.flow_version else ""
    found = next((told[name] for name in (run.agent.slug, flow, EVERYBODY) if name in told), None)
    return Rate(**found) if found else None


def lot(run: uuid.UUID) -> float:
    """From 0 to 1, spread evenly."""
    return int(salted_hmac("runs.sample", str(run), algorithm="sha256").hexdigest()[:DIGITS], 16) / float(16**DIGITS)


def impact(trace: Trace) -> float | None:
    """The largest amount that the run put out or changed, 0 where none is named; None where nothing left it."""
    if not trace.outputs and not trace.changes:
        return None
    return max(largest(trace.outputs), *(_changed(act.given) for act in trace.changes), 0.0)


def largest(texts: Iterable[str]) -> float:
    """The largest sum of money that is named, 0 for none."""
    return max((float(each) for text in texts for each in named(text)), default=0.0)


def _changed(given: str) -> float:
    with suppress(ValueError, RecursionError):
        return max((micros / MICRO for micros, _currency in amounts(json.loads(given))), default=0.0)
    return 0.0
