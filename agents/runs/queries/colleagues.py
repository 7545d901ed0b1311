"""Which agent of ours fits a task best: what it is for and knows, what it may, how busy it is, its cost (R-185)."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import mean
from typing import Any

from django.db.models import Count

from agents.base.errors import Invalid
from agents.base.phrases import phrase
from agents.engine import Json
from agents.fleet.enums import Lifecycle, Vendor
from agents.fleet.models import Agent, ToolGrant, WriteFreeze
from agents.fleet.toolbox import tool_called
from agents.runs.enums import RunState
from agents.runs.inputs import check_input, input_schema
from agents.runs.models import Run
from agents.runs.services.knowledge import Knowledge
from agents.runs.services.threads import Threads

DELEGATED = "run"
"""The subject's type of a run that another run has delegated; the subject is that run."""
LAST, KNOWN = 20, 3
"""Of how many runs the cost is the mean; how many passages about a task are looked for."""
BUSY = (RunState.QUEUED, RunState.RUNNING)
ITSELF = phrase("has already worked on it")
NOT_LIVE = phrase("is not live")
NOTHING_TO_RUN = phrase("has nothing to run")
OTHER_WORK = phrase("belongs to another department")
MAY_NOT = phrase("has no tool that changes anything")
FROZEN = phrase("may change nothing now")
CANNOT_TAKE = phrase("its flow cannot take such a task")


@dataclass(frozen=True, slots=True)
class Need:
    """A task, the department whose work it is, and whether something has to be changed for it."""

    task: str
    function: str
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent that was considered; `why_not` is empty where it fits.

    `knows` counts passages about the task, `load` its runs under way; `cost_micros` is the mean of its last runs.
    """

    agent: str
    why_not: str = ""
    knows: int = 0
    load: int = 0
    cost_micros: int | None = None

    def as_json(self) -> dict[str, Json]:
        return asdict(self)

    @property
    def order(self) -> tuple[Any, ...]:
        """Best first: who knows of it, then the least busy, then the cheapest, who never ran last."""
        unknown = self.cost_micros is None
        return bool(self.why_not), not self.knows, self.load, unknown, self.cost_micros or 0, self.agent


def colleagues(run: Run, need: Need, given: Mapping[str, Json]) -> list[Candidate]:
    """The team's agents of ours, best first, those that do not fit last. `given` is what the task's run would get."""
    rows = Agent.objects.filter(team_id=run.agent.team_id, vendor=Vendor.OURS).exclude(lifecycle=Lifecycle.RETIRED)
    agents = list(rows.select_related("assignment__flow_version__flow"))
    grants, frozen, worked = _granted(agents), _frozen(run.agent.team_id), set(_worked(run))
    load = dict(Run.objects.filter(agent__in=agents, state__in=BUSY).values_list("agent").annotate(Count("pk")))

    def why_not(agent: Agent) -> str:
        if agent.pk in worked:
            return ITSELF
        if need.changes and (agent.pk not in grants or agent.pk in frozen or None in frozen):
            return MAY_NOT if agent.pk not in grants else FROZEN
        return _unable(agent, need, given)

    found = [Candidate(one.slug, why_not(one), load=load.get(one.pk, 0)) for one in agents]
    known = {one.slug: one for one in agents}
    return sorted((_measured(one, known[one.agent], need) for one in found), key=lambda one: one.order)


def _unable(agent: Agent, need: Need, given: Mapping[str, Json]) -> str:
    assignment = getattr(agent, "assignment", None)
    if agent.lifecycle != Lifecycle.LIVE:
        return NOT_LIVE
    if assignment is None:
        return NOTHING_TO_RUN
    if agent.function != need.function:
        return OTHER_WORK
    try:
        check_input(input_schema(assignment.flow_version.flow.slug), given)
    except Invalid:
        return CANNOT_TAKE
    return ""


def _measured(one: Candidate, agent: Agent, need: Need) -> Candidate:
    """With what it knows of the task and what it costs; of one that fits."""
    if one.why_not:
        return one
    done = Run.objects.filter(agent=agent, state=RunState.DONE).order_by("-created_at")
    costs = list(done.values_list("cost_micros", flat=True)[:LAST])
    knows = len(Knowledge(agent.pk, Threads()).search(need.task, KNOWN))
    return replace(one, knows=knows, cost_micros=round(mean(costs)) if costs else None)


def _granted(agents: Sequence[Agent]) -> set[uuid.UUID]:
    """Those that hold a tool which changes something, not for trying only."""
    rows = ToolGrant.objects.filter(agent__in=agents, dry_run=False).values_list("agent", "tool")
    return {pk for pk, slug in rows if (tool := tool_called(slug)) and tool.effect.changes_the_world}


def _frozen(team_id: uuid.UUID) -> set[uuid.UUID | None]:
    return set(WriteFreeze.objects.filter(team_id=team_id).values_list("agent", flat=True))


def _worked(run: Run) -> Iterator[uuid.UUID]:
    """The agents on whose way here the task was, this one first: it goes to none of them again."""
    here: Run | None = run
    while here is not None:
        yield here.agent_id
        above = here.subject_id if here.subject_type == DELEGATED else None
        here = Run.objects.filter(pk=above).first() if above else None
