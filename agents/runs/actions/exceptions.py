"""Raising what only a person can settle, and closing it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.base.actors import SYSTEM, Actor
from agents.base.context import about
from agents.base.hooks import notify
from agents.engine import Json, digest
from agents.engine.state import storable
from agents.fleet.models import Agent, AgentOwner
from agents.people.models import User
from agents.runs import hooks, verbs, wording
from agents.runs.actions.flaws import note_escape
from agents.runs.enums import DecisionState, ExceptionKind, ExceptionState, ItemState, Severity
from agents.runs.fingerprints import fingerprint
from agents.runs.models import Decision, ReviewItem, Run, RunException
from agents.runs.queries.policies import first_hour
from agents.runs.queries.whom import asked_first
from agents.runs.ranking import rank
from agents.runs.status import look
from audit.actions import record

WANTS_OWNER = "owner_left"


@transaction.atomic
def raise_exception(
    agent: Agent,
    *,
    kind: ExceptionKind,
    title: str,
    run: Run | None = None,
    step_key: str = "",
    detail: str = "",
    severity: Severity = Severity.MEDIUM,
    evidence: dict[str, Json] | None = None,
    schema: dict[str, Json] | None = None,
    proposal: Json = None,
    cause: str = "",
    expires_at: datetime | None = None,
    actor: Actor | None = None,
) -> RunException:
    """Opens an exception with its one place in the queue; the agent is observed as waiting.

    The same kind already open at the same step of the same run is returned instead. Only an approval may expire
    (IntegrityError otherwise).
    """
    if run and (found := _open_at(run, step_key, kind)):
        return found
    exception = RunException(
        agent=agent,
        run=run,
        step_key=step_key,
        kind=kind,
        severity=severity,
        title=storable(title)[:300],
        detail=storable(detail),
        evidence=storable(evidence or {}),
        schema=storable(schema or {}),
        proposal=storable(proposal),
        proposal_sha256=digest(storable(proposal)) if proposal is not None else "",
        cause=cause[:80],
        expires_at=expires_at,
    )
    _open(exception, actor or agent.actor)
    return exception


def _open(exception: RunException, actor: Actor) -> None:
    """It is kept with its event and queued, and whoever has to know is told."""
    exception.fingerprint = fingerprint(exception)
    exception.save(force_insert=True)
    note_exception(verbs.EXCEPTION_RAISED, exception, actor, proposal_sha256=exception.proposal_sha256)
    _queue(exception)
    note_escape(exception)
    look(exception.agent)
    for tell in hooks.raised:
        tell(exception)


def _queue(exception: RunException) -> None:
    """Its place, by its rank, with whoever is asked first."""
    points, reason = rank(exception)
    asked, why = asked_first(exception) or (None, "")
    ReviewItem.objects.create(
        agent=exception.agent,
        exception=exception,
        rank=points,
        rank_reason=reason,
        assignee=asked,
        escalate_at=first_hour(exception),
    )
    if asked:
        note_exception(verbs.EXCEPTION_ASKED, exception, SYSTEM, after=asked.pk, to=str(asked), because=why)


def _open_at(run: Run, step_key: str, kind: ExceptionKind) -> RunException | None:
    return run.exceptions.filter(step_key=step_key, kind=kind, state=ExceptionState.OPEN).first()


@transaction.atomic
def resolve_exception(exception: RunException, *, actor: Actor = SYSTEM, note: str = "") -> None:
    """Closes an exception whose cause is gone, without a decision; does nothing when it is closed already."""
    item = ReviewItem.objects.select_for_update(no_key=True).get(exception=exception)
    exception.refresh_from_db(fields=["state"])
    if exception.state == ExceptionState.OPEN:
        close(item, exception, ExceptionState.RESOLVED, {"note": note})
        note_exception(verbs.EXCEPTION_RESOLVED, exception, actor, note=note)
        look(exception.agent)


def close(item: ReviewItem, exception: RunException, state: ExceptionState, answer: Json) -> None:
    """Both rows end together; the caller has locked the item and writes the event."""
    exception.state, exception.answer, exception.resolved_at = state, answer, timezone.now()
    exception.save(update_fields=["state", "answer", "resolved_at"])
    item.state, item.decided_at = ItemState.DECIDED, exception.resolved_at
    item.claimed_by = item.claimed_until = item.snoozed_until = None
    item.save(update_fields=["state", "decided_at", "claimed_by", "claimed_until", "snoozed_until"])


def close_all(run: Run, *, actor: Actor, note: str) -> None:
    """Closes what is open about a run that has ended otherwise, and what was decided for it will not be.

    The caller has locked the run.
    """
    for exception in run.exceptions.filter(state=ExceptionState.OPEN).select_related("agent").order_by("pk"):
        resolve_exception(exception, actor=actor, note=note)
    left = Decision.objects.filter(item__exception__run=run, state__in=(DecisionState.PENDING, DecisionState.HELD))
    for decision in left.exclude(item__exception__step_key="").select_related("item__agent", "item__exception"):
        decision.state = DecisionState.REFUSED
        decision.save(update_fields=["state"])
        if decision.item and decision.item.exception:
            note_refused(decision.item.exception, note)
            note_decision(verbs.DECISION_REFUSED, decision, decision.item, actor)


def note_refused(exception: RunException, why: str) -> None:
    """Why what was decided about it does not happen, beside its evidence."""
    exception.evidence = {**exception.evidence, "refused": why}
    exception.save(update_fields=["evidence"])


def owner_missing(agent: Agent, seat: AgentOwner | None, leaver: User) -> None:
    """A seat was filled automatically, or could not be: a blocking exception until somebody is appointed."""
    acting = wording.OWNER_ACTS % {"person": seat.user} if seat else wording.NOBODY_ACTS
    raise_exception(
        agent,
        kind=ExceptionKind.OWNERS,
        severity=Severity.HIGH,
        title=wording.OWNER_WANTED % {"agent": agent},
        detail="\n\n".join((wording.OWNER_LEFT % {"person": leaver}, acting)),
        cause=WANTS_OWNER,
        actor=SYSTEM,
    )


def owners_found(agent: Agent, actor: Actor) -> None:
    """Somebody is appointed: what asked for it is closed."""
    asked = RunException.objects.filter(agent=agent, kind=ExceptionKind.OWNERS, cause=WANTS_OWNER)
    for exception in asked.filter(state=ExceptionState.OPEN).select_related("agent").order_by("pk"):
        resolve_exception(exception, actor=actor, note=wording.OWNERS_FOUND)


def note_exception(verb: str, exception: RunException, actor: Actor, **data: Any) -> None:
    """The event of what happened to an exception, among those of its run."""
    with about(exception.run_id):
        record(
            verb,
            actor=actor,
            team_id=exception.agent.team_id,
            obj=exception,
            agent_id=exception.agent_id,
            kind=exception.kind,
            run=exception.run_id,
            **data,
        )
    notify("exceptions")


def note_decision(verb: str, decision: Decision, item: ReviewItem, actor: Actor) -> None:
    """The event of what became of a decision, among those of its run."""
    run_id = item.exception.run_id if item.exception else None
    with about(run_id):
        record(
            verb,
            actor=actor,
            team_id=item.agent.team_id,
            obj=decision,
            agent_id=item.agent_id,
            item=item.pk,
            exception=item.exception_id,
            kind=decision.kind,
        )
    notify("queue")
    notify("exceptions")
