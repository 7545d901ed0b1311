"""What an event of a webhook holds: one run, several as `{"runs": […]}`, either also as the `data` of an envelope."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from agents.base.errors import Invalid
from agents.connectors.ingest import Reading, RunDocument
from agents.connectors.ingest.reading import TooMany
from agents.connectors.ingest.taking import invalid

MOST_RUNS = 1000


@dataclass(frozen=True)
class Told:
    """One run of an event and what it calls its agent ("" where it does not say)."""

    agent: str
    document: dict[str, Any]


def told_by(reading: Reading) -> list[Told]:
    """Raises TooMany; Invalid (`bad_run`) for what is no run."""
    content = reading.document
    if "external_id" not in content and isinstance(content.get("data"), dict):
        content = content["data"]
    found = content.get("runs", [content])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Invalid(_("This is not a run as it can be taken."), "bad_run", {"runs": [_("A list of runs.")]})
    if len(found) > MOST_RUNS:
        raise TooMany(_("One event holds at most %(most)s runs.") % {"most": MOST_RUNS}, "too_many_items")
    return [_told(each) for each in found]


def _told(given: dict[str, Any]) -> Told:
    document = dict(given)
    agent = document.pop("agent", "")
    if not isinstance(agent, str) or len(agent) > 200:
        raise Invalid(_("This is not a run as it can be taken."), "bad_run", {"agent": [_("Its short name.")]})
    return Told(agent, document)


def flags_of(reading: Reading, told: list[Told]) -> list[str]:
    """What is odd about the event. Raises Invalid (`bad_run`) for a run that can never be taken."""
    return sorted({*reading.flags, *(flag for each in told for flag in _checked(each.document).flags)})


def _checked(document: dict[str, Any]) -> RunDocument:
    try:
        return RunDocument.model_validate(document)
    except ValidationError as error:
        raise invalid(error) from None


def ids_in(told: list[Told]) -> Iterator[uuid.UUID]:
    """The agents that are named by id."""
    for each in told:
        try:
            yield uuid.UUID(each.agent)
        except ValueError:
            continue
