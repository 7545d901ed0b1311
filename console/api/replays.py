"""A run walked again, and two runs side by side."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from agents.runs.models import Run
from agents.runs.queries.compare import Pair, compared
from agents.runs.replay import Replay, replayed
from console.api.access import READ, agents

router = Router(tags=["runs"])


class DifferenceOut(Schema):
    """`what`: flow, input, output, skipped, new, end; `key` is a step's (of `flow`, a node's)."""

    what: str
    key: str
    before: Any
    now: Any


class ReplayOut(Schema):
    """How many recorded results were used, where the walk stopped for want of one, and every difference."""

    same: bool
    steps: int
    stopped_at: str
    differences: list[DifferenceOut]


@router.get("/runs/{uuid:id}/replay", response=ReplayOut, auth=READ)
def replay(request: HttpRequest, id: UUID) -> Replay:
    """Walk the run again on its recorded results, by the flow as it is now. Nothing is called, nothing leaves."""
    runs = Run.objects.filter(agent__in=agents(request)).select_related("agent", "flow_version__flow")
    run = runs.filter(pk=id).first()
    if run is None:
        raise Http404
    return replayed(run)


class PairOut(Schema):
    """The same step of both runs; `changed` names the fields that differ, `only` the run that alone made it."""

    key: str
    node: str
    changed: list[str]
    only: str | None

    @staticmethod
    def resolve_only(pair: Pair) -> str | None:
        if pair.before and pair.now:
            return None
        return "before" if pair.before else "now"


@router.get("/runs/{uuid:id}/compare/{uuid:other}", response=list[PairOut], auth=READ)
def compare(request: HttpRequest, id: UUID, other: UUID) -> list[Pair]:
    """Two runs step by step, by key."""
    found = Run.objects.filter(agent__in=agents(request)).in_bulk([id, other])
    if id not in found or other not in found:
        raise Http404
    return compared(*(list(found[one].steps.order_by("seq")) for one in (id, other)))
