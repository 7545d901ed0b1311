"""Whether a run can be made of what is given: the flow's own schema says."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from agents.base.errors import Invalid
from agents.engine import Json, digest
from agents.fleet.models import Agent, Assignment
from agents.runs.registry import UnknownFlow, flow

LONGEST_ID = 200
MOST_SLA_MINUTES = 30 * 24 * 60
"""The longest that a ticket's own SLA may be."""


def ticket_input(text: str, customer: str, channel: str | None = None) -> dict[str, Json]:
    """What a ticket gives a flow; the channel only where it is known."""
    given = {"text": text, "customer": customer}
    return given | {"channel": str(channel)} if channel else given


def own_id(text: str) -> str:
    """An external id as the row takes it: what is longer than that ends in its digest, so that it stays its own."""
    return text if len(text) <= LONGEST_ID else f"{text[: LONGEST_ID - 65]}:{digest(text)}"


def channel_of(given: Json) -> str:
    """By what a run came in, as its input says; "" where it does not."""
    said = given.get("channel") if isinstance(given, Mapping) else None
    return said if isinstance(said, str) else ""


def owed_by(sla_minutes: int | None) -> datetime | None:
    """When the answer to a ticket that comes in now is owed by its own SLA; None where it has none."""
    return timezone.now() + timedelta(minutes=sla_minutes) if sla_minutes else None


def input_schema(slug: str) -> Mapping[str, Any]:
    """What the flow of that slug declares; empty for one that this release does not know."""
    try:
        return flow(slug).input_schema
    except UnknownFlow:
        return {}


def schema_of(agent: Agent) -> Mapping[str, Any]:
    """What the flow that the agent is assigned to declares; empty while it has none."""
    slug = Assignment.objects.filter(agent=agent).values_list("flow_version__flow__slug", flat=True).first()
    return input_schema(slug) if slug else {}


def takes(schema: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether a run can be made of this."""
    return Draft202012Validator(schema, registry=Registry()).is_valid(given)


def check_input(schema: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raises Invalid (`bad_input`) that names, in `fields`, what the schema misses or cannot take."""
    problems = list(Draft202012Validator(schema, registry=Registry()).iter_errors(given))
    if problems:
        fields = dict(_said(problem) for problem in reversed(problems))
        named = ", ".join(sorted(fields))
        raise Invalid(_("A run cannot be made of this: see %(fields)s.") % {"fields": named}, "bad_input", fields)


def check_schedule(agent: Agent, given: Mapping[str, Any]) -> None:
    """The same, for what a schedule of the agent will start with."""
    check_input(schema_of(agent), given)


def _said(problem: ValidationError) -> tuple[str, list[str]]:
    """The field's name and the sentence about it."""
    rule, limit = str(problem.validator), cast(Any, problem.validator_value)
    if rule == "required":
        missing = [name for name in limit if name not in cast(dict[str, Any], problem.instance)]
        return missing[0], [_("This is missing.")]
    name = ".".join(map(str, problem.absolute_path)) or "input"
    said = {
        "minLength": _("This is empty."),
        "pattern": _("This is empty."),
        "maxLength": _("This is longer than %(n)s characters.") % {"n": limit},
        "type": _("This is not of the kind that is asked for."),
    }
    return name, [said.get(rule, problem.message[:300])]
