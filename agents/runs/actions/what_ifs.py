"""Asking what a run would come to today: booked, carried out once by a worker, kept beside the run."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.base.phrases import phrase
from agents.engine import BudgetRefused, LeaseLost
from agents.fleet.enums import Verb
from agents.fleet.models import Assignment
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.control import refuse_reported
from agents.runs.budgets import book, correct
from agents.runs.enums import Queue, WhatIfState
from agents.runs.execution.drive import defect_of
from agents.runs.execution.rows import FIELDS
from agents.runs.models import Run, WhatIf
from agents.runs.wake import wire
from agents.runs.what_if import Walked, version_now, walked
from audit.actions import record

TASK = "runs.carry_out_what_if"
UNHEARD = timedelta(seconds=30)
"""One that nobody took this long after it was published is published again."""
LOST = timedelta(minutes=15)
"""Longer than a task may take: whoever had it is gone."""
WORKER_GONE = phrase("The worker that had it is gone.")
KEPT = frozenset(FIELDS) - {"input_sha256", "retry_after", "tries", "sunk_micros", "started_at", "finished_at"}
"""Of each step, in JSON."""


def ask_what_if(run: Run, *, actor: User) -> WhatIf:
    """Queue a walk of the run by what holds today, for at most what one run of its agent may cost.

    Asked while one is under way: that one. Raises NotAllowed, Conflict (`not_over`, `reported`) or Invalid (`flow`,
    `nothing_to_run`, `budget`).
    """
    require(actor, run.agent, Verb.INSTRUCT)
    refuse_reported(run)
    if not run.is_over:
        raise Conflict(_("This run is not over yet."), "not_over")
    version = version_now(run)
    held = Assignment.objects.filter(agent=run.agent_id).first()
    if held is None:
        raise Invalid(_("%(agent)s has nothing to run here yet.") % {"agent": run.agent}, "nothing_to_run")
    asked = WhatIf(run=run, asked_by=actor, most_micros=held.run_cap_micros, flow_version=version)
    try:
        with transaction.atomic():
            _queue(asked, actor)
    except IntegrityError:
        return run.what_ifs.get(finished_at=None)
    except (BudgetRefused, LeaseLost) as refused:
        raise Invalid(str(refused), "budget") from None
    return asked


def _queue(asked: WhatIf, actor: User) -> None:
    run = asked.run
    asked.save(force_insert=True)
    book(run, asked.booked_as, asked.most_micros)
    told: dict[str, Any] = {"what_if": str(asked.pk), "most_micros": asked.most_micros}
    record(verbs.WHAT_IF_ASKED, actor=actor.actor, team_id=run.agent.team_id, obj=run, agent_id=run.agent_id, **told)
    transaction.on_commit(lambda: _tell(asked.pk), robust=True)


def _tell(pk: uuid.UUID) -> None:
    wire.send(TASK, [str(pk)], Queue.BULK)


def carry_out_what_if(pk: uuid.UUID) -> None:
    """Walk it, once; nothing happens where somebody else has it or it is over."""
    mine = WhatIf.objects.filter(pk=pk, state=WhatIfState.QUEUED)
    if not mine.update(state=WhatIfState.RUNNING, started_at=Now()):
        return
    related = ("flow_version__flow", "run__flow_version__flow", "run__agent__team")
    asked = WhatIf.objects.select_related(*related).get(pk=pk)
    assert asked.flow_version is not None, "it is pinned as it is asked"
    try:
        found = walked(asked.run, asked.flow_version, asked.most_micros)
    except Exception as error:  # a defect of the flow, or of what it was given: said, never raised
        _end(asked, WhatIfState.FAILED, {"state": "failed", "reason": defect_of(asked.run, error).error})
    else:
        _finish(asked, found)


def _finish(asked: WhatIf, found: Walked) -> None:
    asked.steps = [{name: getattr(step, name) for name in KEPT} for step in found.steps]
    asked.cost_micros, asked.policy_number = found.cost_micros, found.policy_number
    with transaction.atomic():
        correct(asked.run, asked.booked_as, found.cost_micros)
        _end(asked, WhatIfState.DONE, found.outcome)


@transaction.atomic
def _end(asked: WhatIf, state: WhatIfState, outcome: dict[str, object]) -> None:
    """Where what it cost is not known, all that was booked stays booked."""
    asked.state, asked.outcome = state, outcome
    ours = WhatIf.objects.filter(pk=asked.pk, state=WhatIfState.RUNNING)
    told: dict[str, Any] = {
        "what_if": str(asked.pk),
        "cost_micros": asked.cost_micros,
        "came_to": str(outcome["state"]),
    }
    values = {name: getattr(asked, name) for name in ("state", "outcome", "steps", "cost_micros", "policy_number")}
    if ours.update(**values, finished_at=Now()):
        run = asked.run
        record(verbs.WHAT_IF_OVER, actor=SYSTEM, team_id=run.agent.team_id, obj=run, agent_id=run.agent_id, **told)
        notify("runs")


def sweep_what_ifs() -> None:
    """Publish again what nobody heard of, and end what a dead worker had."""
    unheard = WhatIf.objects.filter(state=WhatIfState.QUEUED, published_at__lt=Now() - UNHEARD)
    for pk in unheard.values_list("pk", flat=True):
        WhatIf.objects.filter(pk=pk).update(published_at=Now())
        _tell(pk)
    for lost in WhatIf.objects.filter(state=WhatIfState.RUNNING, started_at__lt=Now() - LOST).select_related(
        "run__agent"
    ):
        _end(lost, WhatIfState.FAILED, {"state": "failed", "reason": WORKER_GONE})
