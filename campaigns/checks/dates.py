"""Dates against each other, against now, against the calendar, and against what the text says of them."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.checks.problem import Problem, error, warning
from campaigns.checks.texts import texts
from campaigns.models import ContextVersion, Rendering
from campaigns.prose import SaidDay, days_in

FAR = dt.timedelta(days=731)
"""A year mistyped is more likely than a campaign that begins or ends two years from now."""


def dates(version: ContextVersion, renderings: Iterable[Rendering]) -> Iterable[Problem]:
    """Everything about time."""
    now = timezone.now()
    if version.valid_to and version.valid_from and version.valid_to <= version.valid_from:
        yield error("dates", _("It ends before it begins."), "valid_to")
    elif version.valid_to and version.valid_to <= now:
        yield error("over", _("Its end has passed already."), "valid_to")
    for field in ("valid_from", "valid_to"):
        moment = getattr(version, field)
        if moment and abs(moment - now) > FAR:
            year = timezone.localtime(moment, version.tzinfo).year
            yield warning(f"far:{field}", _("Is the year %(year)s right?") % {"year": year}, field)
    yield from _said(version, renderings)


def _said(version: ContextVersion, renderings: Iterable[Rendering]) -> Iterable[Problem]:
    """Days in what people wrote, and in what each agent would read."""
    near = timezone.localtime(version.valid_to or timezone.now(), version.tzinfo).date()
    told = dict.fromkeys((rendering.text, "") for rendering in renderings)
    for text, field in [*((text, field) for field, text in texts(version)), *told]:
        for said in days_in(text, near):
            yield from _about(said, version, field)


def _about(said: SaidDay, version: ContextVersion, field: str) -> Iterable[Problem]:
    if said.day is None:
        yield error(f"no_day:{said.text}", _("“%(day)s” is not in the calendar.") % {"day": said.text})
        return
    if said.weekday is not None and said.weekday != said.day.weekday():
        words = {"said": said.text, "day": date_format(said.day), "right": WEEKDAYS[said.day.weekday()]}
        text = _("“%(said)s”: %(day)s is a %(right)s.") % words
        yield error(f"weekday:{said.text}", text)
    moment = {"starts": version.valid_from, "ends": version.valid_to}.get(said.bound)
    if field and moment and timezone.localtime(moment, version.tzinfo).date() != said.day:
        words = {"said": said.text, "day": date_format(timezone.localtime(moment, version.tzinfo))}
        text = _("The text says “%(said)s”, the facts say %(day)s.") % words
        yield warning(f"said:{said.bound}:{said.day}", text, field)
