"""To whom agents write, read in runs' inputs and their tools' calls: what the rules say of it, and two at once."""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import cache

from django.db import transaction
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.ids import first_id
from agents.base.phrases import phrase
from agents.channels.enums import Verdict
from agents.channels.models import Contact, Heard, Segmentation, Touch
from agents.channels.naming import PLACES, RECIPIENTS, Named, addressed, named
from agents.channels.queries import rules_in_force, spent, who_gets
from agents.people.models import Team
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, ExceptionState, Severity
from agents.runs.models import Run, RunException, Step

BATCH = 500
SETTLES = dt.timedelta(seconds=30)
"""Runs this young may belong to transactions that are not committed yet."""
INPUTS, CALLS = "inputs", "calls"
BEFORE = dt.timedelta(days=1)
"""How far back the first look goes."""
Said = tuple[uuid.UUID, Run, Named | None]
"""A row that was read, its run, and whom it named."""
Rules = Callable[[Team], Segmentation | None]
CLASH = phrase("%(agent)s and %(other)s wrote to the same contact within %(hours)s hours")


def hear() -> int:
    """Reads whom runs' inputs and their tools' calls named since it last read; how many of them named a contact."""
    until = first_id(timezone.now() - SETTLES)
    return _read(INPUTS, until, _inputs) + _read(CALLS, until, _calls)


def _read(name: str, until: uuid.UUID, rows: Callable[[uuid.UUID, uuid.UUID], list[Said]]) -> int:
    """The next rows of a kind, oldest first, up to `until`."""
    begin = first_id(timezone.now() - BEFORE)
    mark, _new = Heard.objects.get_or_create(name=name, defaults={"run_id": begin})
    found = rows(mark.run_id, until)
    rules = cache(rules_in_force)
    heard = sum([_hear(run, whom, rules) for _pk, run, whom in found])
    reached = uuid.UUID(int=found[-1][0].int + 1) if len(found) == BATCH else until
    Heard.objects.filter(pk=mark.pk).update(run_id=reached)
    return heard


def _inputs(since: uuid.UUID, until: uuid.UUID) -> list[Said]:
    rows = Run.objects.filter(pk__gte=since, pk__lt=until, input__has_any_keys=PLACES, touch=None)
    runs = rows.select_related("agent__team").order_by("pk")[:BATCH]
    return [(run.pk, run, named(run.agent.team_id, run.input)) for run in runs]


def _calls(since: uuid.UUID, until: uuid.UUID) -> list[Said]:
    """Of runs whose input named nobody."""
    names = (*PLACES, *RECIPIENTS, "args")
    rows = Step.objects.filter(pk__gte=since, pk__lt=until, kind="tool", input__has_any_keys=names, run__touch=None)
    steps = rows.only("input", "run").select_related("run__agent__team").order_by("pk")[:BATCH]
    return [(step.pk, step.run, addressed(step.run.agent.team_id, step.input)) for step in steps]


def _hear(run: Run, found: Named | None, rules: Rules) -> bool:
    if found:
        _keep(run, found, rules)
    return found is not None


@transaction.atomic
def _keep(run: Run, found: Named, rules: Rules) -> None:
    """Under the contact's lock: of two that write at once, the second sees the first."""
    at = run.started_at or run.created_at
    Contact.objects.get_or_create(team=run.agent.team, key=found.key, defaults={"facts": found.facts, "touched_at": at})
    contact = Contact.objects.select_for_update(no_key=True).get(team=run.agent.team, key=found.key)
    if Touch.objects.filter(run=run).exists():
        return
    contact.facts, contact.touched_at = {**contact.facts, **found.facts}, max(contact.touched_at, at)
    contact.save(update_fields=["facts", "touched_at"])
    version = rules(run.agent.team)
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
    """Another agent wrote to the contact within the window, before or after: one exception of the two, on this run."""
    window = dt.timedelta(hours=version.window_hours)
    near = contact.touches.exclude(agent=run.agent).filter(at__gt=at - window, at__lt=at + window)
    other = near.select_related("agent").order_by("-at").first()
    if other is None or _reported(contact, run.agent.slug, other.agent.slug):
        return
    told = {"agent": run.agent.name, "other": other.agent.name, "hours": version.window_hours}
    raise_exception(
        run.agent,
        run=run,
        step_key=_place(contact),
        kind=ExceptionKind.GUARDRAIL,
        severity=Severity.MEDIUM,
        title=CLASH % told,
        evidence={"contact": str(contact), "other_agent": other.agent.slug, "other_run": str(other.run_id)},
        cause="same_contact",
        actor=SYSTEM,
    )


def _reported(contact: Contact, *both: str) -> bool:
    """Whether somebody is still asked about these two agents at the contact."""
    rows = RunException.objects.filter(state=ExceptionState.OPEN, agent__slug__in=both, step_key=_place(contact))
    return rows.filter(agent__team_id=contact.team_id, evidence__other_agent__in=both).exists()


def _place(contact: Contact) -> str:
    return f"contact/{contact.pk}"
