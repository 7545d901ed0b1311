"""Reading in runs' inputs to whom agents write: what the rules say of it is kept, two agents at once are reported."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.ids import first_id
from agents.base.phrases import phrase
from agents.channels.enums import Verdict
from agents.channels.models import Contact, Heard, Segmentation, Touch
from agents.channels.naming import PLACES, Named, named
from agents.channels.queries import rules_in_force, spent, who_gets
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import Run

BATCH = 500
SETTLES = dt.timedelta(seconds=30)
"""Runs this young may belong to transactions that are not committed yet."""
INPUTS = "inputs"
CLASH = phrase("%(agent)s and %(other)s wrote to the same contact within %(hours)s hours")


def hear() -> int:
    """Reads what runs were about since it last read; how many of them named a contact."""
    until = first_id(timezone.now() - SETTLES)
    mark, _new = Heard.objects.get_or_create(name=INPUTS, defaults={"run_id": until})
    rows = Run.objects.filter(pk__gte=mark.run_id, pk__lt=until, input__has_any_keys=PLACES, touch=None)
    runs = list(rows.select_related("agent__team").order_by("pk")[:BATCH])
    heard = sum(_hear(run) for run in runs)
    reached = uuid.UUID(int=runs[-1].pk.int + 1) if len(runs) == BATCH else until
    Heard.objects.filter(pk=mark.pk).update(run_id=reached)
    return heard


def _hear(run: Run) -> bool:
    found = named(run.agent.team_id, run.input)
    if found:
        _keep(run, found)
    return found is not None


@transaction.atomic
def _keep(run: Run, found: Named) -> None:
    """Under the contact's lock: of two that write at once, the second sees the first."""
    at = run.started_at or run.created_at
    Contact.objects.get_or_create(team=run.agent.team, key=found.key, defaults={"facts": found.facts, "touched_at": at})
    contact = Contact.objects.select_for_update(no_key=True).get(team=run.agent.team, key=found.key)
    if Touch.objects.filter(run=run).exists():
        return
    contact.facts, contact.touched_at = {**contact.facts, **found.facts}, max(contact.touched_at, at)
    contact.save(update_fields=["facts", "touched_at"])
    version = rules_in_force(run.agent.team)
    place, verdict = _verdict(version, contact, run, at)
    Touch.objects.create(
        contact=contact, agent=run.agent, run=run, at=at, version=version, place=place, verdict=verdict
    )
    if version:
        _report_other(version, contact, run, at)


def _verdict(version: Segmentation | None, contact: Contact, run: Run, at: dt.datetime) -> tuple[int | None, Verdict]:
    given = who_gets(version.rules if version else [], contact.facts)
    if given.rule is None:
        return None, Verdict.NO_RULE
    if given.rule.agent != run.agent.slug:
        return given.place, Verdict.OTHER_AGENT
    return given.place, Verdict.OVER_LIMIT if spent(given.rule, contact, at) else Verdict.AS_RULED


def _report_other(version: Segmentation, contact: Contact, run: Run, at: dt.datetime) -> None:
    """Another agent wrote to the contact within the window, before or after: one exception, on this run."""
    window = dt.timedelta(hours=version.window_hours)
    near = contact.touches.exclude(agent=run.agent).filter(at__gt=at - window, at__lt=at + window)
    other = near.select_related("agent").order_by("-at").first()
    if other is None:
        return
    told = {"agent": run.agent.name, "other": other.agent.name, "hours": version.window_hours}
    raise_exception(
        run.agent,
        run=run,
        step_key=f"contact/{contact.pk}",
        kind=ExceptionKind.GUARDRAIL,
        severity=Severity.MEDIUM,
        title=CLASH % told,
        evidence={"contact": str(contact), "other_agent": other.agent.slug, "other_run": str(other.run_id)},
        cause="same_contact",
        actor=SYSTEM,
    )
