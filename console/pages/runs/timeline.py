"""The steps of a run on one time line, as a figure for Plotly and as rows for the table beneath.

Time spent waiting for a person is taken out of the axis, so that work stays readable beside a night's wait; the wait is
a mark with its length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from agents.base.phrases import spoken
from agents.runs.models import Step
from agents.runs.queries.timing import merged
from console.pages.runs.fates import Fate, step_fate
from console.pages.runs.path import critical_keys

ROW_HEIGHT, FRAME_HEIGHT = 26, 70


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: when its work began and how long it took, in milliseconds of work since the run began."""

    step: Step
    fate: Fate
    start_ms: int
    work_ms: int
    wait_ms: int
    critical: bool
    depth: int

    @property
    def label(self) -> str:
        return f"{self.step.seq} · {spoken(self.step.node)}"


def bars(steps: Sequence[Step], *, now: datetime) -> list[Bar]:
    """The steps that have a beginning, in the order in which they began. One that has not ended lasts until `now`."""
    timed = sorted((step for step in steps if step.started_at), key=lambda step: (step.started_at, step.seq))
    if not timed:
        return []
    clock = WorkClock(timed, now)
    critical = critical_keys(steps)
    return [_bar(step, clock, now, step.key in critical) for step in timed]


class WorkClock:
    """Milliseconds of work between the first step's beginning and an instant, waits for people taken out."""

    def __init__(self, steps: Sequence[Step], now: datetime) -> None:
        self.zero = min(step.started_at for step in steps if step.started_at)
        waits = [(step.started_at, step.finished_at or now) for step in steps if step.kind == "person"]
        self.waits = merged([(start, end) for start, end in waits if start])

    def __call__(self, instant: datetime) -> int:
        waited = sum((min(end, instant) - start for start, end in self.waits if start < instant), start=timedelta())
        return round((instant - self.zero - waited).total_seconds() * 1000)


def _bar(step: Step, clock: WorkClock, now: datetime, critical: bool) -> Bar:
    start, end = step.started_at or now, step.finished_at or now
    begun = clock(start)
    waited = waited_ms(step, now)
    # A model call's own clock is finer than the two timestamps around it.
    work = 0 if waited else max(clock(end) - begun, step.latency_ms if step.finished_at else 0)
    return Bar(step, step_fate(step), begun, work, waited, critical, step.key.count("/") - 1)


def waited_ms(step: Step, now: datetime | None = None) -> int:
    """How long a run waited for a person at this step; while nobody has answered, until `now` (or not at all)."""
    end = step.finished_at or now
    if step.kind != "person" or step.started_at is None or end is None:
        return 0
    return round((end - step.started_at).total_seconds() * 1000)


def figure(rows: Sequence[Bar]) -> dict[str, Any]:
    """Data and layout for `Plotly.react`; colours are the page's (runs.js), by each trace's `meta`."""
    fates = list(dict.fromkeys(bar.fate for bar in rows if not bar.wait_ms))
    traces = [_trace([bar for bar in rows if bar.fate is fate and not bar.wait_ms], fate) for fate in fates]
    waits = [bar for bar in rows if bar.wait_ms]
    return {
        "data": [*traces, *([_waits(waits)] if waits else [])],
        "layout": {
            "barmode": "overlay",
            "height": FRAME_HEIGHT + ROW_HEIGHT * len(rows),
            "xaxis": {"title": {"text": _("seconds of work")}, "rangemode": "tozero"},
            "yaxis": {"categoryorder": "array", "categoryarray": [bar.label for bar in reversed(rows)]},
            "showlegend": False,
        },
    }


def _trace(rows: Sequence[Bar], fate: Fate) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": str(fate.label),
        "meta": fate.value,
        "y": [bar.label for bar in rows],
        "base": [bar.start_ms / 1000 for bar in rows],
        "x": [bar.work_ms / 1000 for bar in rows],
        "customdata": [bar.critical for bar in rows],
        "hovertemplate": "%{y}: %{x:.3f} s<extra>%{fullData.name}</extra>",
    }


def _waits(rows: Sequence[Bar]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _("waited for a person"),
        "meta": Fate.WAITING.value,
        "y": [bar.label for bar in rows],
        "x": [bar.start_ms / 1000 for bar in rows],
        "customdata": [bar.wait_ms / 1000 for bar in rows],
        "hovertemplate": "%{y}: %{customdata:.0f} s<extra>%{fullData.name}</extra>",
    }
