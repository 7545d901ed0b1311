"""Runs whose text is ready while their agent may change nothing: left alone meanwhile, woken by the thaw."""

import uuid
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from agents.fleet.freezes import standing
from agents.fleet.models import WriteFreeze
from agents.fleet.toolbox import Why
from agents.runs.enums import RunState, StepState
from agents.runs.models import Run, Step
from agents.runs.services.outputs import THAWED_S
from agents.runs.wake import wake

AHEAD = timedelta(seconds=60)
"""So long before it is due a run is left for later: no worker takes it between two sweeps."""
REFUSED = Q(state=StepState.FAILED, fault=Why.FROZEN, retry_after__isnull=False)
"""The step that the thaw will let go."""


def wake_thawed(team_id: uuid.UUID) -> None:
    """What waited for just this thaw is due at once. Called in its transaction, which holds the team or the agent."""
    thawed = _waiting().filter(~_frozen(), agent__team=team_id).order_by("pk")
    runs = list(thawed.select_for_update(no_key=True, of=("self",)))
    Run.objects.filter(pk__in=[run.pk for run in runs]).update(run_after=None, reason="", published_at=Now())
    for run in runs:
        wake(run.pk, run.queue)


def leave_frozen() -> None:
    """Whoever would only find that nothing has changed is not sent to look: in the trail each look is two lines."""
    if WriteFreeze.objects.exists():
        due = _waiting().filter(_frozen(), run_after__lte=Now() + AHEAD)
        due.update(run_after=Now() + timedelta(seconds=THAWED_S))


def frozen_still(run: Run) -> str | None:
    """Why the agent of a run that is about to wait may change nothing, "" where it was thawed since the step was
    refused; None: the run waits for something else. Holds team and agent, so that the thaw finds the run waiting.
    """
    refused = Step.objects.filter(REFUSED, run=run).exists()
    return standing(run.agent_id, run.agent.team_id).frozen if refused else None


def _waiting() -> QuerySet[Run]:
    refused = Step.objects.filter(REFUSED, run=OuterRef("pk"))
    return Run.objects.filter(Exists(refused), state=RunState.QUEUED, run_after__isnull=False)


def _frozen() -> Exists:
    team_s_or_its_own = Q(agent=OuterRef("agent")) | Q(agent=None)
    return Exists(WriteFreeze.objects.filter(team_s_or_its_own, team=OuterRef("agent__team")))
