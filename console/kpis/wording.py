"""Figures as people read them."""

from django.utils.formats import number_format

from agents.base.money import MICRO, format_money
from console.kpis.board import Value
from console.kpis.outcomes import MONEY


def figure_said(figure: Value, value: float | None) -> str:
    """`value` as this figure is said: with its unit and as many digits as tell something; a dash for nothing."""
    kpi = figure.kpi
    if value is None:
        return "–"
    if kpi.unit == MONEY:
        return format_money(round(value * MICRO), figure.currency)
    digits = 0 if value == round(value) or abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    return f"{number_format(value, digits, use_l10n=True, force_grouping=True)} {kpi.unit}".strip()
