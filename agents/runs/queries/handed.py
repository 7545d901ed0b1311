"""What a run gave to other agents, to whom, and who was considered (R-185)."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from agents.fleet.models import Agent
from agents.runs.models import Run, Step
from agents.runs.queries.colleagues import DELEGATED, Candidate


@dataclass(frozen=True, slots=True)
class Handed:
    """One task; `run` is None where nobody fitted. The first of `candidates` was taken."""

    task: str
    run: Run | None
    candidates: list[Candidate]

    @property
    def agent(self) -> Agent | None:
        return self.run.agent if self.run else None


def handed(steps: Iterable[Step], team_id: uuid.UUID) -> list[Handed]:
    """Of a run's steps, in order; only a flow of ours says so. One query where there is any."""
    said = [given for given in (step.output for step in steps) if _is_handed(given)]
    begun = Run.objects.filter(
        agent__team=team_id, subject_type=DELEGATED, pk__in=[one["run"] for one in said if one["run"]]
    )
    runs = {str(run.pk): run for run in begun.select_related("agent")} if said else {}
    return [
        Handed(one["task"], runs.get(one["run"]), [Candidate(**each) for each in one["candidates"]]) for one in said
    ]


def delegated_by(run: Run) -> uuid.UUID | None:
    """The run that gave this one its task."""
    return run.subject_id if run.subject_type == DELEGATED else None


def _is_handed(output: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(output, Mapping) and output.keys() == {"task", "candidates", "agent", "run"}
