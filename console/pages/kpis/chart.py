"""One figure by day, drawn by Plotly (static/app/kpis.js) from plain data; the table beside it says the same."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from console.kpis.board import Figure

HEIGHT, WEEK = 280, 7


def drawn(figure: Figure, days: Sequence[dt.date]) -> dict[str, Any]:
    """Data and layout for `Plotly.react`; colours are the page's, by each trace's `meta`."""
    return {
        "data": [*_band(figure, days), _trend(figure, days), _days(figure, days)],
        "layout": {"height": HEIGHT, "yaxis": {"rangemode": "tozero", "title": {"text": figure.kpi.unit}}},
    }


def _days(figure: Figure, days: Sequence[dt.date]) -> dict[str, Any]:
    """A day that tells nothing is a gap, never a zero."""
    values = [figure.days.get(day) for day in days]
    line = _line(str(figure.kpi.name), "value", days, [value.value if value else None for value in values])
    return line | {"mode": "lines+markers", "customdata": [bool(value and value.missed) for value in values]}


def _trend(figure: Figure, days: Sequence[dt.date]) -> dict[str, Any]:
    """The mean of each day and those before it in its week."""
    means = []
    for place in range(len(days)):
        week = [figure.days[day].value for day in days[max(0, place + 1 - WEEK) : place + 1] if day in figure.days]
        told = [value for value in week if value is not None]
        means.append(sum(told) / len(told) if told else None)
    return _line(_("mean of seven days"), "trend", days, means)


def _band(figure: Figure, days: Sequence[dt.date]) -> list[dict[str, Any]]:
    """The target, or the band from the strictest target to the loosest."""
    if figure.target is None:
        return []
    ends = [days[0], days[-1]]
    limit = _line(_("target"), "limit", ends, [figure.target.limit] * 2)
    if figure.target.best == figure.target.limit:
        return [limit]
    return [_line(_("strictest target"), "best", ends, [figure.target.best] * 2), limit | {"fill": "tonexty"}]


def _line(name: str, meta: str, days: Sequence[dt.date], values: Sequence[float | None]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", "name": name, "meta": meta, "x": list(days), "y": list(values)}
