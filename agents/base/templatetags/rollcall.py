"""Filters of every page: hostile text, money, and how long ago."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from django import template
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agents.base.money import MICRO, format_costs, format_money
from agents.base.personal import told
from agents.base.untrusted import render_untrusted

register = template.Library()
register.filter(told)

CURRENCY = re.compile("[A-Z]{3}")
STEPS = {86400: _("%(n)d d"), 3600: _("%(n)d h"), 60: _("%(n)d min"), 1: _("%(n)d s")}


@register.filter
def untrusted(text: str) -> SafeString:
    """What an agent, a customer or a vendor wrote, as harmless HTML."""
    return render_untrusted(text)


@register.filter
def money(micros: int | None, currency: str = "USD") -> str:
    """Micro-units in the reader's language; None is what nobody told."""
    return str(_("not told")) if micros is None else format_money(micros, currency)


@register.filter
def costs(by_currency: Mapping[str, int] | None) -> str:
    """Sums in micro-units by currency, each said in its own; None is what nobody told."""
    return str(_("not told")) if by_currency is None else format_costs(by_currency)


@register.filter
def measured(value: float | Decimal, unit: str) -> str:
    """A measured value with its unit; one that is a currency makes it money."""
    if CURRENCY.fullmatch(unit):
        return format_money(round(value * MICRO), unit)
    return f"{floatformat(value, '-2')} {unit}".strip()


@register.filter
def words(key: str) -> str:
    """A key as people read it: "resolution-rate" is "Resolution rate"."""
    return capfirst(key.replace("_", " ").replace("-", " "))


@register.filter
def age(moment: dt.datetime | None) -> str:
    """How long since: "47 min", "3 h", "2 d"; empty for None."""
    if moment is None:
        return ""
    seconds = max(int((timezone.now() - moment).total_seconds()), 0)
    size = next((size for size in STEPS if seconds >= size), 1)
    return _ago(seconds // size, size, get_language())


@lru_cache(1024)
def _ago(n: int, size: int, _language: str | None) -> str:
    return str(STEPS[size] % {"n": n})
