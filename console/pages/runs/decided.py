"""What a run's plan was decided on, and what it considered in which order, as its page says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from agents.base.templatetags.rollcall import money
from agents.runs.enums import Route
from agents.runs.models import RunPlan
from console.kpis.trust import percent
from console.templatetags.happenings import duration

LABELS = {
    "confidence": _("How sure the models were"),
    "passed": _("Runs without a refused text"),
    "cost": _("Cost of a run"),
    "time": _("Time, waiting for people aside"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """One sign, lately and its limit; a dash where there is none."""

    label: str
    now: str
    limit: str
    is_broken: bool


@dataclass(frozen=True, slots=True)
class Considered:
    route: str
    why: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The last of `considered` was taken."""

    channel: str
    known: list[Known]
    considered: list[Considered]


def decided(plan: RunPlan, currency: str) -> Decided | None:
    """None for a plan that was made before plans kept this."""
    if not plan.weighed:
        return None
    known = [_known(sign, currency) for sign in plan.signals["signs"]]
    considered = [Considered(str(Route(one["route"]).label), one["why"]) for one in plan.weighed]
    return Decided(plan.signals["channel"], known, considered)


def _known(sign: Mapping[str, Any], currency: str) -> Known:
    written: Mapping[str, Callable[[float], str]] = {
        "cost": lambda micros: money(round(micros), currency),
        "time": lambda ms: duration(round(ms)),
    }
    write = written.get(sign["sign"], percent)
    now, limit = ("–" if sign[part] is None else write(sign[part]) for part in ("now", "limit"))
    return Known(str(LABELS[sign["sign"]]), now, limit, sign["broken"])
