"""Figures of the KPI board in a template."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from console.kpis.board import Figure, Value
from console.kpis.trust import percent
from console.kpis.wording import figure_said

register = template.Library()
register.filter("percent", percent)


@register.filter
def figure(value: Value) -> str:
    """The figure with its unit; a dash for what cannot be told."""
    return _("several currencies") if value.mixed else figure_said(value, value.value)


@register.filter
def aim(value: Value) -> str:
    """What it should reach; "" without a target."""
    if value.limit is None:
        return ""
    return f"{'≤' if value.kpi.better == 'lower' else '≥'} {figure_said(value, value.limit)}"


@register.filter
def surely(value: Value) -> str:
    """Of a share, where it lies with 95 % confidence, and of how many; "" of other figures."""
    if value.between is None:
        return ""
    low, high = (number_format(end, 0 if end in (0, 100) else 1) for end in value.between)
    return _("%(low)s–%(high)s %% of %(n)d") % {"low": low, "high": high, "n": value.sample}


@register.filter
def trend(value: Figure) -> str:
    """Against the time before; "" where it cannot be told."""
    if value.change is None:
        return ""
    return f"{'▲' if value.change > 0 else '▼' if value.change < 0 else '='} {percent(abs(value.change))}"
