"""Giving a task to the agent that fits it best, as a run of its own under that agent's rights and limits (R-185)."""

from typing import Any

from django.db import transaction

from agents.base.errors import Refused
from agents.engine import Json, LeaseLost
from agents.fleet.models import Agent
from agents.runs import verbs
from agents.runs.actions.start import start_run
from agents.runs.enums import RunState
from agents.runs.inputs import own_id
from agents.runs.models import Run
from agents.runs.queries.colleagues import DELEGATED, Candidate, Need, colleagues
from agents.runs.services.conversation import NAMED
from agents.runs.transitions import note

GIVEN_ON = ("customer", "channel", *NAMED)
"""What a colleague is told of the case: whoever takes a task joins the conversation it comes from."""


def delegate(run: Run, key: str, need: Need) -> dict[str, Json]:
    """The task with its `candidates`, best first, and `agent` and `run` of the first; both None where nobody fits.

    A run that only proposes gives nothing away. Once for the step's `key`: again, what was begun then.
    Raises LeaseLost when the run is in other hands.
    """
    given = {name: value for name, value in run.input.items() if name in GIVEN_ON} | {"text": need.task}
    found = colleagues(run, need, given)
    told: dict[str, Json] = {"task": need.task, "candidates": [one.as_json() for one in found]}
    made = Run.objects.filter(agent__team=run.agent.team_id, external_id=_once(run, key)).first()
    made = made or _begun(run, key, found, given)
    return told | {"agent": made.agent.slug if made else None, "run": str(made.pk) if made else None}


def _once(run: Run, key: str) -> str:
    return own_id(f"delegated:{run.pk}:{key}")


@transaction.atomic
def _begun(run: Run, key: str, found: list[Candidate], given: dict[str, Any]) -> Run | None:
    if not found or found[0].why_not or run.only_proposes:
        return None
    agent = Agent.objects.get(team_id=run.agent.team_id, slug=found[0].agent)
    subject = (DELEGATED, run.pk)
    try:
        made = start_run(
            agent,
            actor=None,
            input=given,
            title=str(given["text"])[:200],
            external_id=_once(run, key),
            queue=run.queue,
            answer_by=run.answer_by,
            subject=subject,
        )
    except Refused:  # it was retired or lost its work a moment ago
        return None
    note(run, verbs.RUN_DELEGATED, actor=run.agent.actor, to=agent.slug, begun=str(made.pk))
    held = Run.objects.filter(pk=run.pk, fence=run.fence, state=RunState.RUNNING)
    if not held.select_for_update(no_key=True).exists():  # after its own rows, so that nobody waits in a circle
        raise LeaseLost("This run is in other hands now.")
    return made
