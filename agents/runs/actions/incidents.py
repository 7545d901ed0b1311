"""An incident from its opening to its resolution: one door a move, each with its event."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.hooks import notify
from agents.fleet.actions import freeze_agent, pause_agent
from agents.fleet.enums import Lifecycle, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for, require
from agents.people.locks import lock_teams
from agents.people.models import User
from agents.runs import verbs, wording
from agents.runs.enums import Containment, IncidentState, RootCause, Severity
from agents.runs.models import Incident, IncidentNote, IncidentTask, RunException
from agents.runs.queries.incidents import agents_of, incidents_for, runbook_for
from audit.actions import record

LONGEST = 10_000
MOST_WHY = 300


@transaction.atomic
def open_incident(
    exceptions: Sequence[RunException],
    *,
    title: str,
    severity: Severity | str = Severity.HIGH,
    is_security: bool = False,
    commander: User | None = None,
    actor: User,
) -> Incident:
    """From one exception or more of one team, with the runbook of the first one's kind; who opens it leads it first.

    An exception that is part of an incident already stays there. Raises NotAllowed, Invalid, Conflict (`in_incident`).
    """
    if not exceptions:
        raise Invalid(_("An incident begins with an exception."), fields={"exceptions": [_("Choose one.")]})
    first, agents = exceptions[0], {each.agent_id: each.agent for each in exceptions}
    for agent in agents.values():
        require(actor, agent, Verb.REVIEW)
    [team] = lock_teams([first.agent.team_id])
    last = Incident.objects.filter(team=team).aggregate(last=Max("number"))["last"] or 0
    incident = Incident.objects.create(
        team=team,
        number=last + 1,
        title=_written(title, "title")[:200],
        severity=Severity(severity),
        is_security=is_security,
        commander=_leader(commander or actor, agents.values()),
        opened_by=actor,
    )
    _take_in(incident, exceptions)
    steps = enumerate(runbook_for(team, first.kind).steps, 1)
    IncidentTask.objects.bulk_create(IncidentTask(incident=incident, place=n, text=text[:300]) for n, text in steps)
    _note(verbs.INCIDENT_OPENED, incident, actor, exceptions=[each.pk for each in exceptions])
    return incident


def _take_in(incident: Incident, exceptions: Sequence[RunException]) -> None:
    free = RunException.objects.filter(pk__in=[each.pk for each in exceptions], incident=None)
    if not free.filter(agent__team=incident.team_id).update(incident=incident):
        raise Conflict(_("This is part of an incident already."), "in_incident")


@transaction.atomic
def lead_incident(incident: Incident, *, commander: User, actor: User) -> Incident:
    """Hands the lead over to somebody who may decide about one of its agents. Raises NotAllowed, Invalid, Conflict."""
    incident = _locked(incident, actor)
    incident.commander = _leader(commander, agents_of(incident))
    incident.save(update_fields=["commander"])
    _note(verbs.INCIDENT_LED, incident, actor, commander=commander.pk, to=str(commander))
    return incident


@transaction.atomic
def rate_incident(incident: Incident, *, severity: Severity | str, actor: User) -> Incident:
    """It turned out worse or better. Raises NotAllowed, Conflict (`resolved`)."""
    incident = _locked(incident, actor)
    before, incident.severity = incident.severity, Severity(severity)
    incident.save(update_fields=["severity"])
    _note(verbs.INCIDENT_RATED, incident, actor, severity=incident.severity, before=before)
    return incident


@transaction.atomic
def note_incident(incident: Incident, *, text: str, actor: User) -> IncidentNote:
    """Writes down what happened; also after it is resolved. Raises NotAllowed, Invalid."""
    incident = _locked(incident, actor, over=True)
    note = IncidentNote.objects.create(incident=incident, author=actor, text=_written(text, "text"))
    _note(verbs.INCIDENT_NOTED, incident, actor)
    return note


@transaction.atomic
def tick_task(incident: Incident, *, place: int, done: bool, actor: User) -> IncidentTask:
    """Ticks a step of the runbook, or takes the tick back. Raises NotAllowed, Invalid, Conflict (`resolved`)."""
    incident = _locked(incident, actor)
    task = IncidentTask.objects.filter(incident=incident, place=place).first()
    if task is None:
        raise Invalid(_("There is no such step."), "place")
    task.done_at, task.done_by = (timezone.now(), actor) if done else (None, None)
    task.save(update_fields=["done_at", "done_by"])
    _note(verbs.INCIDENT_TICKED, incident, actor, place=place, done=done)
    return task


@transaction.atomic
def contain_incident(
    incident: Incident, *, agents: Collection[Agent], by: Containment | str = Containment.PAUSE, actor: User
) -> Incident:
    """Pauses agents or freezes what they may change, so that it spreads no further; those paused already stay so.

    Raises NotAllowed (each needs the right to pause), Invalid for an agent that has nothing to do with it, Conflict.
    """
    affected = {agent.pk: agent for agent in agents_of(incident)}
    if not agents or any(agent.pk not in affected for agent in agents):
        said = _("Choose agents of this incident.")
        raise Invalid(said, "agents", fields={"agents": [said]})
    reason = wording.INCIDENT_PAUSES % {"number": incident.number, "title": incident.title}
    for agent in sorted(agents, key=lambda each: each.pk):
        if by == Containment.FREEZE:
            freeze_agent(agent, reason=reason, actor=actor)
        elif agent.lifecycle in (Lifecycle.LIVE, Lifecycle.ONBOARDING):
            pause_agent(agent, actor=actor, reason=reason)
    incident = _locked(incident, actor)
    incident.state, incident.contained_at = IncidentState.CONTAINED, incident.contained_at or timezone.now()
    incident.save(update_fields=["state", "contained_at"])
    _note(verbs.INCIDENT_CONTAINED, incident, actor, agents=[agent.slug for agent in agents], by=str(by))
    return incident


@transaction.atomic
def resolve_incident(
    incident: Incident, *, root_cause: str, resolution: str, lessons: str = "", undone: str = "", actor: User
) -> Incident:
    """Ends it, with its cause and what was done; `undone` is why steps of its runbook stay so, needed where some do.

    Raises NotAllowed, Invalid with `fields`, Conflict (`resolved`).
    """
    incident = _locked(incident, actor)
    if root_cause not in RootCause.values:
        said = _("Say what was behind it.")
        raise Invalid(said, "root_cause", fields={"root_cause": [said]})
    left = _left_undone(incident, undone.strip())
    incident.root_cause, incident.resolution = root_cause, _written(resolution, "resolution")
    incident.lessons = lessons.strip()[:LONGEST]
    incident.state, incident.resolved_at = IncidentState.RESOLVED, timezone.now()
    incident.save(update_fields=["root_cause", "resolution", "lessons", "state", "resolved_at"])
    _note(verbs.INCIDENT_RESOLVED, incident, actor, root_cause=root_cause, **left)
    return incident


def _left_undone(incident: Incident, why: str) -> dict[str, Any]:
    """For the trail: which steps are not ticked, and why. Raises Invalid (`undone`) where nobody says why."""
    places = list(incident.tasks.filter(done_at=None).order_by("place").values_list("place", flat=True))
    if places and not why:
        said = ngettext(
            "%(n)d step of the runbook is not ticked: tick it, or say why it stays undone.",
            "%(n)d steps of the runbook are not ticked: tick them, or say why they stay undone.",
            len(places),
        ) % {"n": len(places)}
        raise Invalid(said, "undone", fields={"undone": [said]})
    return {"undone": places, "why": why[:MOST_WHY]} if places else {}


def _locked(incident: Incident, actor: User, *, over: bool = False) -> Incident:
    """Held, for somebody who may decide about one of its agents; `over`: also after it was resolved."""
    if not incidents_for(actor, Verb.REVIEW).filter(pk=incident.pk).exists():
        raise NotAllowed(_("It takes the right to review one of its agents."), "verb")
    held = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    if held.state == IncidentState.RESOLVED and not over:
        raise Conflict(_("This incident is resolved."), "resolved")
    return held


def _leader(user: User, agents: Collection[Agent]) -> User:
    if not agents_for(user, Verb.REVIEW).filter(pk__in=[agent.pk for agent in agents]).exists():
        said = _("Who leads has to be able to decide about one of its agents.")
        raise Invalid(said, "commander", fields={"commander": [said]})
    return user


def _written(text: str, field: str) -> str:
    if not text.strip():
        raise Invalid(_("Write a few words."), field, fields={field: [_("Write a few words.")]})
    return text.strip()[:LONGEST]


def _note(verb: str, incident: Incident, actor: User, **data: Any) -> None:
    record(verb, actor=actor.actor, team_id=incident.team_id, obj=incident, state=incident.state, **data)
    notify("exceptions")
