"""What was noted as evidence, in the reader's words: names, moments by the reader's clock, and what it leads to."""

import datetime as dt
import uuid
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.runs.enums import RunState

NAMES = {
    "running": gettext_lazy("Runs in hand"),
    "waiting": gettext_lazy("Open exceptions"),
    "silent": gettext_lazy("Silent"),
    "last_run": gettext_lazy("Last run"),
    "reason": gettext_lazy("Why"),
    "connected": gettext_lazy("Connected"),
    "kpi": gettext_lazy("KPI"),
    "value": gettext_lazy("Value"),
    "cases": gettext_lazy("Cases"),
    "limit": gettext_lazy("Threshold"),
    "day": gettext_lazy("Day"),
    "drawn": gettext_lazy("Drawn by lot"),
    "amount": gettext_lazy("Amount"),
}
"""What we observe ourselves, named for people."""
WORDS = {**dict(RunState.choices), "": "–", "added": gettext_lazy("nothing has reported since it was added")}
PAGES = {
    "campaign": ("campaign", gettext_lazy("Its campaign")),
    "review": ("queue-review", gettext_lazy("The day it is about")),
    "other_run": ("run", gettext_lazy("The other agent’s run")),
}
"""Ids that are shown as a link to their page: its name, and what the link says."""
IDS = {*PAGES, "delivery", "version", "deep_link"}
"""What a link of the page says better."""


def in_words(found: dict[str, Any]) -> dict[str, Any]:
    """What was observed, by name; what somebody else reported under a name of theirs stays theirs."""
    told = {name: value for name, value in found.items() if name not in IDS}
    return {str(NAMES.get(name, name.replace("_", " "))): _said(value) for name, value in told.items()}


def links(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Address and words of every page the evidence names."""
    named = [(PAGES[name], pk) for name, value in found.items() if name in PAGES and (pk := _uuid(value))]
    return [(reverse(page, args=[pk]), str(words)) for (page, words), pk in named]


def _said(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, str):
        return value
    moment = _moment(value)
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else str(WORDS.get(value, value))


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
