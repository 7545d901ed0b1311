"""Incidents: who may see them, what to do about each kind, and everything that happened, in order."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from agents.fleet import verbs as fleet_verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, WriteFreeze
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs import verbs, wording
from agents.runs.models import Incident, Runbook, RunException
from audit.models import AuditEvent
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
    """Something that happened while the incident went on; `text` is what somebody wrote down, `about` what it is of."""

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


def runbook_for(team: Team, kind: str) -> Steps:
    """What the team does about this kind of exception: its last version, else what ships."""
    row = Runbook.objects.filter(team=team, kind=kind).order_by("-number").first()
    lines = tuple(line.strip() for line in row.text.splitlines() if line.strip()) if row else ()
    return Steps(lines, row.number) if row and lines else Steps(wording.RUNBOOK)


def timeline(incident: Incident) -> list[Moment]:
    """What the trail says of it, its exceptions, and pauses of its agents since, with the notes; oldest first."""
    exceptions = list(incident.exceptions.values_list("pk", "agent_id"))
    paused = Q(agent_id__in={agent for _pk, agent in exceptions}, at__gte=incident.opened_at)
    paused &= Q(verb__in=[fleet_verbs.AGENT_PAUSED, fleet_verbs.AGENT_RESUMED])
    told = AuditEvent.objects.filter(Q(object_id__in=[incident.pk, *(pk for pk, _agent in exceptions)]) | paused)
    told = told.exclude(verb=verbs.INCIDENT_NOTED).filter(team_id=incident.team_id).order_by("-seq")[:MOST]
    moments = [Moment(each.at, each.actor_label, label(each.verb), each.object_label) for each in told]
    notes = incident.notes.select_related("author")
    moments += [Moment(note.at, str(note.author), "", text=note.text) for note in notes]
    return sorted(moments, key=lambda moment: moment.at)
