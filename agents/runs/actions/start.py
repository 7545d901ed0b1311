"""Starting a run, once per external id."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Conflict, Invalid
from agents.engine import Json
from agents.engine.state import storable
from agents.fleet.enums import Lifecycle, Verb
from agents.fleet.models import Agent, Assignment, FlowVersion, Schedule
from agents.fleet.permissions import require
from agents.fleet.policy import patience_s
from agents.fleet.queries.policies import policy
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.control import refuse_reported
from agents.runs.enums import Queue
from agents.runs.inputs import channel_of, check_input, input_schema, own_id
from agents.runs.models import Run
from agents.runs.transitions import note
from agents.runs.wake import wake


def start_run(
    agent: Agent,
    *,
    actor: User | None,
    input: dict[str, Json],
    title: str = "",
    external_id: str | None = None,
    queue: Queue | str = Queue.BULK,
    schedule: Schedule | None = None,
    due_at: datetime | None = None,
    answer_by: datetime | None = None,
    rerun_of: Run | None = None,
    subject: tuple[str, uuid.UUID | None] = ("", None),
    flow_version: FlowVersion | None = None,
) -> Run:
    """Queues one run of what the agent is assigned to, pinned by version. `actor` None is the house itself.

    `flow_version` is another flow for this once, within the agent's limits. `subject` is what it is about: a type and
    an id. `answer_by`: when an answer is owed; left out, when by the policy the input's channel has waited long enough.
    The same external id, or the same schedule and instant, again: the first run. A paused agent's runs wait for it.
    Raises NotAllowed, Conflict (`retired`) or Invalid (`nothing_to_run`, `queue`, `bad_input`).
    """
    if actor is not None:
        require(actor, agent, Verb.INSTRUCT)
    fields: dict[str, Any] = {
        "title": _text(title)[:200],
        "input": _storable(input),
        "queue": _queue(queue),
        "schedule": schedule,
        "due_at": due_at,
        "answer_by": answer_by or _owed_by(agent, channel_of(input)),
        "rerun_of": rerun_of,
        "started_by": actor,
        "subject_type": subject[0],
        "subject_id": subject[1],
        "external_id": own_id(_text(external_id)) if external_id else None,
    }
    return _first(agent, **fields) or _create_once(agent, actor, fields, flow_version)


def _create_once(agent: Agent, actor: User | None, fields: dict[str, Any], tried: FlowVersion | None) -> Run:
    """Of two who start the same at once, one does, and both have its run."""
    try:
        with transaction.atomic():
            return _create(agent, actor, fields, tried)
    except IntegrityError:
        if first := _first(agent, **fields):
            return first
        raise


def _create(agent: Agent, actor: User | None, fields: dict[str, Any], tried: FlowVersion | None) -> Run:
    if agent.lifecycle == Lifecycle.RETIRED:
        raise Conflict(_("%(agent)s is retired.") % {"agent": agent}, "retired")
    assignment = Assignment.objects.select_related("flow_version__flow").filter(agent=agent).first()
    if assignment is None:
        raise Invalid(_("%(agent)s has nothing to run here yet.") % {"agent": agent}, "nothing_to_run")
    version = tried or assignment.flow_version
    check_input(input_schema(version.flow.slug), fields["input"])
    run = Run.objects.create(
        agent=agent,
        flow_version=version,
        pattern=version.flow.pattern,
        is_rehearsal=settings.MODEL_IS_REHEARSAL,
        published_at=timezone.now(),
        **fields,
    )
    wake(run.pk, run.queue)  # of what follows the commit, first
    note(run, verbs.RUN_QUEUED, actor=actor.actor if actor else SYSTEM, flow=f"{version.flow.slug}/{version.number}")
    return run


def rerun(run: Run, *, actor: User, key: str = "") -> Run:
    """The same input again as a new run. The same `key` again: the first one.

    It runs what the agent is assigned to now, or the newest version of the other flow that it was tried with; what only
    proposed, only proposes.
    Raises Conflict while the run is not over (`not_over`), and for one of another system (`reported`).
    """
    refuse_reported(run)
    if not run.is_over:
        raise Conflict(_("This run is not over yet."), "not_over")
    again = {"input": run.input, "title": run.title, "queue": run.queue, "rerun_of": run}
    if run.only_proposes:
        again["subject"] = (run.subject_type, run.subject_id)
    again["external_id"] = f"rerun:{run.pk}:{key}" if key else None
    return start_run(run.agent, actor=actor, flow_version=_tried(run), **again)


def _tried(run: Run) -> FlowVersion | None:
    """The newest version of the flow it ran; None where that is the agent's own, which is taken as it is assigned."""
    own = Assignment.objects.filter(agent=run.agent_id).values("flow_version__flow")
    versions = FlowVersion.objects.filter(flow__versions=run.flow_version_id)
    return versions.exclude(flow__in=own).order_by("-number").first()


def _first(
    agent: Agent, *, external_id: str | None, schedule: Schedule | None, due_at: datetime | None, **_rest: Any
) -> Run | None:
    if schedule is not None:
        return Run.objects.filter(schedule=schedule, due_at=due_at).first()
    return Run.objects.filter(agent=agent, external_id=external_id).first() if external_id else None


def _owed_by(agent: Agent, channel: str) -> datetime | None:
    held = policy(agent.team_id) if channel else None
    seconds = patience_s(held.rules, channel) if held else None
    return timezone.now() + timedelta(seconds=seconds) if seconds else None


def _queue(queue: Queue | str) -> Queue:
    try:
        return Queue(queue)
    except ValueError:
        raise Invalid(_("There is no queue called “%(queue)s”.") % {"queue": queue}, "queue") from None


def _storable(value: dict[str, Json]) -> dict[str, Json]:
    try:
        return dict(storable(value))
    except (TypeError, ValueError):
        raise Invalid(_("The input is not JSON."), "bad_input", {"input": [_("Not JSON.")]}) from None


def _text(value: str) -> str:
    return str(storable(value))
