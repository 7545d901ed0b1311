"""Agents of ours as assignees: who can take an item of the queue, and what those that took it worked out (R-014)."""

import uuid
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from agents.base.phrases import spoken
from agents.engine import Json
from agents.fleet.enums import Lifecycle, Vendor, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import User
from agents.runs.enums import RunState
from agents.runs.inputs import input_schema, takes
from agents.runs.models import ITEM, Run, RunException

FLOW = "assignment__flow_version__flow"
LONGEST = 20_000
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)
HELPER = f"""(
  SELECT ARRAY[a.name, r.state] FROM runs_run r JOIN fleet_agent a ON a.id = r.agent_id
  WHERE r.subject_type = '{ITEM}' AND r.subject_id = i.id ORDER BY r.id DESC LIMIT 1)"""
"""The agent that had an item `i` last, and how far its run is."""
HELPER_SLUG = Subquery(
    Run.objects.filter(subject_type=ITEM, subject_id=OuterRef("pk")).order_by("-pk").values("agent__slug")[:1]
)
"""Its slug, over the ORM."""


@dataclass(frozen=True, slots=True)
class Help:
    """One agent's work on an item: `text` is what it proposes, "" before it has; `result` where that is no text."""

    run: Run
    text: str
    result: Json

    @property
    def is_under_way(self) -> bool:
        return self.run.state in UNDER_WAY


def helpers(user: User, exception: RunException) -> list[Agent]:
    """The live agents of ours that the person may give work and whose flow takes this; not the one that asks."""
    given = task_of(exception)
    rows = agents_for(user, Verb.INSTRUCT).filter(team=exception.agent.team_id, vendor=Vendor.OURS)
    rows = rows.filter(lifecycle=Lifecycle.LIVE, assignment__isnull=False).exclude(pk=exception.agent_id)
    runs = {one: one.assignment.flow_version.flow.slug for one in rows.select_related(FLOW).order_by("name")}
    fitting = {slug for slug in set(runs.values()) if takes(input_schema(slug), given)}
    return [one for one, slug in runs.items() if slug in fitting]


def task_of(exception: RunException) -> dict[str, Json]:
    """The item as a run's input: what is asked, and what the customer wrote.

    Nobody is named by address: it is no turn of the customer's conversation, and nothing to remember them by.
    """
    wrote = exception.run.input.get("text") if exception.run else None
    said = [spoken(exception.title), spoken(exception.detail), wrote if isinstance(wrote, str) else ""]
    parts = [text for place, text in enumerate(said) if not any(text in other for other in said[place + 1 :])]
    return {"text": "\n\n".join(filter(None, parts))[:LONGEST]}


def helped(item: uuid.UUID) -> list[Help]:
    """The newest first; two queries."""
    runs = Run.objects.filter(subject_type=ITEM, subject_id=item).select_related("agent", "started_by").order_by("-pk")
    return [_help(run) for run in runs.prefetch_related("outputs")]


def _help(run: Run) -> Help:
    texts = sorted(run.outputs.all(), key=lambda output: output.created_at)
    return Help(run, texts[-1].content if texts else "", None if texts else run.result)
