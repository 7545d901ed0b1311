"""What the trail can be searched by."""

import datetime as dt
import re
import uuid
import zoneinfo
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.clock import local_instant
from audit.verbs import registered

FIRST, LAST = dt.date(1970, 1, 1), dt.date(9990, 1, 1)


class DayField(forms.DateField):
    """A day of the reader's own calendar."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        limits = [MinValueValidator(FIRST), MaxValueValidator(LAST)]
        super().__init__(**options, required=False, widget=widget, validators=limits)


class IdField(forms.CharField):
    """The id of a thing, or the number that whoever was refused something gives."""

    default_error_messages = {
        "id": _("This is no id as the trail shows one, and no number such as req_0123456789abcdef.")
    }

    def clean(self, value: Any) -> uuid.UUID | str | None:
        text = str(super().clean(value))
        if not text or re.fullmatch(r"req_[0-9a-f]{16}", text):
            return text or None
        try:
            return uuid.UUID(text)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["id"], code="id") from error


class SearchForm(forms.Form):
    """Days are the reader's own. What is not valid is named, and not searched by."""

    text = forms.CharField(label=_("Text"), required=False, max_length=100)
    actor = forms.CharField(label=_("Who"), required=False, max_length=100)
    verb = forms.CharField(label=_("Did what"), required=False, max_length=60)
    object = IdField(label=_("Id"), required=False, max_length=60)
    agent = forms.SlugField(label=_("Agent"), required=False, max_length=60)
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))
    before = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    def chosen(self) -> dict[str, str]:
        """The valid values that were given, as text for an address."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in (None, "")}

    def wanted(self) -> dict[str, Any]:
        """The same for `audit.queries.search`, but for the agent's slug."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        found: dict[str, Any] = {name: given[name] for name in ("text", "actor", "verb") if name in given}
        if "object" in given:
            found["request_id" if isinstance(given["object"], str) else "object_id"] = given["object"]
        if "since" in given:
            found["since"] = _midnight(given["since"])
        if "until" in given:
            found["until"] = _midnight(given["until"] + dt.timedelta(days=1))
        return found


def _midnight(day: dt.date) -> dt.datetime:
    """The first instant of a day where the reader is."""
    return local_instant(day, dt.time.min, zoneinfo.ZoneInfo(timezone.get_current_timezone_name()))


def verb_choices() -> list[tuple[str, str]]:
    """Every noun with all it can do, then every verb: what to search the trail by."""
    verbs = registered()
    nouns = sorted({name.partition(".")[0] for name in verbs})
    return [*((noun, f"{noun} …") for noun in nouns), *((name, f"{name}: {says}") for name, says in verbs.items())]
