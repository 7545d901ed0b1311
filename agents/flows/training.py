"""Taking over a prompt that a person has approved."""

from django.db import transaction
from django.db.models import F

from agents.engine import LeaseLost
from agents.fleet.models import PromptVersion
from agents.flows import verbs
from agents.runs.enums import RunState
from agents.runs.models import Run
from agents.runs.services.rulebook import LIBRARY
from audit.actions import record


@transaction.atomic
def adopt_prompt(run: Run, role: str, task: str) -> str:
    """The run's agent works with this task from now on: its next own version of the role's prompt, which is named.

    The same task again is the same version. Raises LeaseLost when another worker holds the run.
    """
    held = Run.objects.select_for_update(no_key=True).filter(pk=run.pk, fence=run.fence, state=RunState.RUNNING)
    if not held.exists():
        raise LeaseLost("This run is in other hands now.")
    agent = run.agent
    known = PromptVersion.objects.filter(team=agent.team_id, flow=LIBRARY, role=role)
    rows = known.filter(agent=agent) | known.filter(agent=None)
    before = rows.order_by(F("agent").asc(nulls_last=True), "-number")[0]
    if (before.agent_id, before.task) == (agent.pk, task):
        return f"{LIBRARY}/{role}/{before.number}"
    number = before.number + 1
    version = PromptVersion(
        team_id=agent.team_id, agent=agent, flow=LIBRARY, role=role, number=number, system=before.system, task=task
    )
    version.save()
    record(
        verbs.PROMPT_ADOPTED, actor=agent.actor, team_id=agent.team_id, obj=version, agent_id=agent.pk, number=number
    )
    return f"{LIBRARY}/{role}/{number}"
