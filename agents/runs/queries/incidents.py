"""Incidents: who may see them, what to do about each kind, and everything that happened, in order."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.base.phrases import spoken
from agents.fleet import verbs as fleet_verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, WriteFreeze
from agents.fleet.permissions import agents_for, reviewers
from agents.people.models import Team, User
from agents.runs import verbs, wording
from agents.runs.enums import Containment, RootCause, Severity
from agents.runs.models import Incident, Runbook, RunException
from audit.models import AuditEvent
from audit.queries import Entry, entries
from audit.verbs import label

MOST = 500
"""Entries of a timeline."""


@dataclass(frozen=True)
class Steps:
    """A runbook as it is in force; version 0 is what ships."""

    steps: tuple[str, ...]
    number: int = 0


@dataclass(frozen=True)
class Moment:
    """Something that happened while the incident went on; `text` is what somebody wrote down, `about` what it is of.

    Of the incident itself, `about` is what changed: the step, the severity, who leads, who was held and how, the cause.
    """

    at: dt.datetime
    who: str
    what: str
    about: str = ""
    text: str = ""


def incidents_for(user: User, verb: Verb = Verb.VIEW) -> QuerySet[Incident]:
    """Those in which an agent takes part on which the person holds the verb."""
    seen = RunException.objects.filter(agent__in=agents_for(user, verb), incident__isnull=False)
    return Incident.objects.filter(pk__in=seen.values("incident")).select_related("commander", "opened_by")


def agents_of(incident: Incident) -> list[Agent]:
    """Whom it concerns, by name; `frozen` says whether it may change nothing now."""
    found = Agent.objects.filter(exceptions__incident=incident).distinct().order_by("name")
    here = WriteFreeze.objects.filter(Q(agent=OuterRef("pk")) | Q(agent=None), team=OuterRef("team"))
    return list(found.annotate(frozen=Exists(here)))


def leaders(incident: Incident) -> list[User]:
    """Who may decide about one of its agents, by name."""
    people = {user.pk: user for agent in agents_of(incident) for user in reviewers(agent)}
    return sorted(people.values(), key=str)


def runbook_for(team: Team, kind: str) -> Steps:
    """What the team does about this kind of exception: its last version, else what ships."""
    row = Runbook.objects.filter(team=team, kind=kind).order_by("-number").first()
    lines = tuple(line.strip() for line in row.text.splitlines() if line.strip()) if row else ()
    return Steps(lines, row.number) if row and lines else Steps(wording.RUNBOOK)


def timeline(incident: Incident) -> list[Moment]:
    """What the trail says of it, its exceptions, and pauses of its agents since, with the notes; oldest first."""
    exceptions = list(incident.exceptions.values_list("pk", "agent_id", "agent__slug", "agent__name"))
    names = {slug: name for *_ids, slug, name in exceptions}
    paused = Q(agent_id__in={agent for _pk, agent, *_names in exceptions}, at__gte=incident.opened_at)
    paused &= Q(verb__in=[fleet_verbs.AGENT_PAUSED, fleet_verbs.AGENT_RESUMED])
    told = AuditEvent.objects.filter(Q(object_id__in=[incident.pk, *(pk for pk, *_rest in exceptions)]) | paused)
    told = told.exclude(verb=verbs.INCIDENT_NOTED).filter(team_id=incident.team_id).order_by("-seq")[:MOST]
    steps = dict(incident.tasks.values_list("place", "text"))
    moments = [_moment(entry, steps, names) for entry in entries(list(told))]
    notes = incident.notes.select_related("author")
    moments += [Moment(note.at, str(note.author), "", text=note.text) for note in notes]
    return sorted(moments, key=lambda moment: moment.at)


def _moment(entry: Entry, steps: Mapping[int, str], names: Mapping[str, str]) -> Moment:
    event = entry.event
    return Moment(event.at, event.actor_label, label(event.verb), _about(event, entry.said, steps, names))


def _about(
    event: AuditEvent, said: Mapping[str, Any] | None, steps: Mapping[int, str], names: Mapping[str, str]
) -> str:
    """Empty where the event says no more than that it happened."""
    if not said:
        return event.object_label
    match event.verb:
        case verbs.INCIDENT_TICKED:
            step = spoken(steps.get(said["place"], ""))
            return step if said["done"] else _("not done: %(step)s") % {"step": step}
        case verbs.INCIDENT_LED:
            return str(said["to"])
        case verbs.INCIDENT_RATED:
            return f"{Severity(said['before']).label} → {Severity(said['severity']).label}"
        case verbs.INCIDENT_CONTAINED:
            held = ", ".join(names.get(slug, slug) for slug in said["agents"])
            return f"{held} · {str(Containment(said['by']).label).partition(':')[0]}"
        case verbs.INCIDENT_RESOLVED:
            return " · ".join(filter(None, (str(RootCause(said["root_cause"]).label), _undone(said))))
        case verbs.INCIDENT_OPENED:
            return ""
    return spoken(said.get("title") or event.object_label)


def _undone(said: Mapping[str, Any]) -> str:
    """What of the runbook stayed undone, and why; empty where nothing did."""
    n = len(said.get("undone", ()))
    given = {"n": n, "why": said.get("why", "")}
    return ngettext("%(n)d step not done: %(why)s", "%(n)d steps not done: %(why)s", n) % given if n else ""
