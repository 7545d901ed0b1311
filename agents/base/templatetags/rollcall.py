"""Filters of every page: hostile text, money, and how long ago."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from agents.base.money import format_money
from agents.base.untrusted import render_untrusted

register = template.Library()

STEPS = ((86400, _("%(n)d d")), (3600, _("%(n)d h")), (60, _("%(n)d min")), (1, _("%(n)d s")))


@register.filter
def untrusted(text: str) -> SafeString:
    """What an agent, a customer or a vendor wrote, as harmless HTML."""
    return render_untrusted(text)


@register.filter
def money(micros: int, currency: str = "USD") -> str:
    """Micro-units in the reader's language."""
    return format_money(micros, currency)


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
    size, words = next(((size, words) for size, words in STEPS if seconds >= size), STEPS[-1])
    return str(words % {"n": seconds // size})
