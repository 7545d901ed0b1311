"""What the KPI board tells: each figure's name, unit, formula, and on which side of its target is good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.base.bounds import interval
from agents.fleet.actions.talks import VISITS
from campaigns.actions.measuring import PROPAGATION_MINUTES, STALE_MINUTES
from console.kpis.outcomes import MONEY, NAMES

Counts: TypeAlias = Mapping[str, Any]
"""What the rows of a period say, by column (`console/kpis/counted.py`)."""
HIGHER, LOWER = "higher", "lower"
PERCENT = "%"
REVIEW_MINUTES = "review_minutes"


@dataclass(frozen=True)
class Kpi:
    """`scale` × the column `top`, by the column `under` where one is named. Money is in whole units of the currency."""

    key: str
    name: str | Promise
    unit: str
    better: str
    how: str | Promise
    top: str
    under: str = ""
    scale: float = 1

    @property
    def additive(self) -> bool:
        """A figure a day: the targets of several agents add up."""
        return self.under == "days"

    def value(self, counts: Counts) -> float | None:
        """None when there is nothing to tell it from, or what it is told from was paid in several currencies."""
        top, under = counts.get(self.top), counts.get(self.under) if self.under else 1
        if top is None or not under or len(self.currencies(counts)) > 1:
            return None
        return float(top) * self.scale / float(under)

    def currencies(self, counts: Counts) -> list[str]:
        """In which anything was paid, where the figure is a cost."""
        return counts.get(f"{self.top}_in") or []

    def sample(self, counts: Counts) -> int:
        """Of how many cases the figure is told."""
        under = (
            self.under if self.under and not self.additive else "calls" if self.top.startswith("latency") else "runs"
        )
        return int(counts.get(under) or 0)

    def between(self, counts: Counts) -> tuple[float, float] | None:
        """Of a share: where it lies with 95 % confidence (Clopper and Pearson), in percent."""
        if self.unit != PERCENT or self.value(counts) is None:
            return None
        low, high = interval(int(counts[self.top]), int(counts[self.under]))
        return 100 * low, 100 * high

    def missed(self, value: float | None, limit: float | None) -> bool:
        if value is None or limit is None:
            return False
        return value < limit if self.better == HIGHER else value > limit


def _share(key: str, name: Promise, better: str, how: Promise, top: str, under: str) -> Kpi:
    return Kpi(key, name, PERCENT, better, how, top, under, 100)


_RAN = _("end of the run − its beginning, of runs that ended")
_TOOK = _("end of the step − its beginning, people’s steps left out")
KPIS = (
    Kpi("time_to_resolution", _("time to resolution"), "min", LOWER,
        _("median of the end − the moment it was asked for, of runs that are done"), "resolved_s", "", 1 / 60),
    _share("resolution_rate", _("resolution rate"), HIGHER, _("done ÷ all runs"), "done", "runs"),
    _share("deflection_rate", _("deflection rate"), HIGHER, _("done without a person ÷ all runs"), "unaided", "runs"),
    _share("success_rate", _("success rate"), HIGHER,
           _("done and not found wrong later ÷ done, failed and quarantined"), "good", "ended"),
    _share("escalation_rate", _("escalation rate"), LOWER, _("runs that asked a person ÷ all runs"), "asked", "runs"),
    _share("first_contact_resolution", _("resolved at first contact"), HIGHER,
           _("done, not run again, and the customer did not come back ÷ done for a customer whose address is known"),
           "at_once", "cases"),
    _share("csat", _("satisfied customers (CSAT)"), HIGHER, _("answers of 4 and 5 ÷ answers"),
           "satisfied", "csat_answers"),
    _share("csat_proxy", _("satisfied customers, estimated without a survey"), HIGHER,
           _("done, not found wrong, not run again, nobody came back ÷ ended without an answer to the survey"),
           "content", "unasked"),
    Kpi("nps", _("would recommend us (NPS)"), "pts", HIGHER,
        _("share of 9 and 10 − share of 0 to 6, of the answers"), "promoted", "nps_answers", 100),
    Kpi("cycle_time", _("cycle time, median"), "s", LOWER, _RAN, "cycle_p50"),
    Kpi("cycle_time_p95", _("cycle time, p95"), "s", LOWER, _RAN, "cycle_p95"),
    Kpi("cycle_time_p99", _("cycle time, p99"), "s", LOWER, _RAN, "cycle_p99"),
    Kpi("latency_p50", _("latency of a step, median"), "s", LOWER, _TOOK, "latency_p50", "", 1 / 1000),
    Kpi("latency_p95", _("latency of a step, p95"), "s", LOWER, _TOOK, "latency_p95", "", 1 / 1000),
    Kpi("latency_p99", _("latency of a step, p99"), "s", LOWER, _TOOK, "latency_p99", "", 1 / 1000),
    _share("hop_targets_met", _("hops within their target"), HIGHER,
           _("steps within the latency target of their node ÷ steps whose node has one"), "met", "aimed"),
    _share("retry_rate", _("retry rate"), LOWER, _("steps called more than once ÷ steps"), "retried", "calls"),
    _share("guardrail_hit_rate", _("guardrail hit rate"), LOWER,
           _("texts refused ÷ texts checked"), "refused", "judged"),
    _share("extraction_accuracy", _("fields filled in right (extraction accuracy)"), HIGHER,
           _("fields of calls that people left as they were ÷ fields of calls people approved or edited"),
           "kept", "fields"),
    _share("sampled_right", _("right, of what people looked at by lot"), HIGHER,
           _("runs people judged right ÷ runs they judged, of those drawn by lot"), "sampled_right", "sampled"),
    _share("checks_agree", _("automatic checks that agree with people"), HIGHER,
           _("runs that checks and people judged alike ÷ runs people judged, of those drawn by lot"),
           "agreed", "sampled"),
    Kpi("cost_per_run", _("cost of a run"), MONEY, LOWER, _("cost of the runs of which it is told ÷ these runs"),
        "spend", "priced"),
    Kpi("cost_per_step", _("cost of a step"), MONEY, LOWER, _("cost of the steps of which it is told ÷ these steps"),
        "step_spend", "priced_calls"),
    Kpi("spend", _("spend a day"), MONEY, LOWER, _("cost of the runs of which it is told ÷ days"), "spend", "days"),
    Kpi("runs", _("runs a day"), "", HIGHER, _("runs ÷ days"), "runs", "days"),
    Kpi(REVIEW_MINUTES, _("people’s minutes a day"), "min", LOWER,
        _("minutes of review ÷ days"), REVIEW_MINUTES, "days"),
)  # fmt: skip
"""Measured here, from rows, for every scope. Their keys are also those of `KpiTarget`."""
MEASURED = {kpi.key: kpi for kpi in KPIS}


KEPT: dict[str, tuple[str | Promise, str]] = {
    STALE_MINUTES: (_("minutes on stale context"), "min"),
    PROPAGATION_MINUTES: (_("minutes until the slowest confirmation"), "min"),
    VISITS: (_("visits to vendors’ pages a day"), ""),
}
"""What campaigns and visits leave as points, with its name and unit."""


def reported(key: str, unit: str = "", better: str = "") -> Kpi:
    """A figure kept as points: measured each night, read by a person, or told by a vendor. What is better says its
    target."""
    name, known = (NAMES | KEPT).get(key, (key.replace("_", " ").replace("-", " "), unit))
    return Kpi(key, name, known, better, _("sum of what each night left ÷ days"), key, "days")
