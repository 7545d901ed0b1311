"""What a time zone and a currency must look like; used by the models, so by every form and action."""

import re
import zoneinfo
from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def zones() -> frozenset[str]:
    """Every IANA time zone; read once, for to look is to open six hundred files."""
    return frozenset(zoneinfo.available_timezones())


def known_zone(value: str) -> None:
    """An IANA time zone, such as America/Sao_Paulo."""
    if value not in zones():
        raise ValidationError(_("%(value)s is not a time zone we know."), params={"value": value}, code="zone")


def currency_code(value: str) -> None:
    """Three capital letters (ISO 4217)."""
    if not re.fullmatch("[A-Z]{3}", value):
        raise ValidationError(_("A currency is three capital letters, such as EUR."), code="currency")
