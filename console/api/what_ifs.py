"""What a run would come to today."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from agents.runs import actions
from agents.runs.models import Run, WhatIf
from agents.runs.queries.what_ifs import newest, sides
from console.api.access import READ, RUNS, agents, caller
from console.api.idempotency import once
from console.api.replays import PairOut

router = Router(tags=["runs"])


class WhatIfOut(Schema):
    """`state` is queued, running, done or failed; money in micro-units of the run's currency. `outcome.state`: done
    (`result`), acts (the effect it was about to have: `key`, `input`), asks (`title`), failed or stopped (`reason`)."""

    id: UUID
    state: str
    most_micros: int
    cost_micros: int
    policy: int | None = Field(alias="policy_number")
    outcome: dict[str, Any]
    created_at: dt.datetime
    finished_at: dt.datetime | None
    steps: list[PairOut]

    @staticmethod
    def resolve_steps(found: WhatIf) -> list[Any]:
        return list(sides(found)) if found.finished_at else []


def _run_or_404(request: HttpRequest, id: UUID) -> Run:
    run = Run.objects.filter(agent__in=agents(request), pk=id).select_related("agent", "flow_version__flow").first()
    if run is None:
        raise Http404
    return run


@router.get("/runs/{uuid:id}/what-ifs", response=list[WhatIfOut], auth=READ)
def list_what_ifs(request: HttpRequest, id: UUID) -> list[WhatIf]:
    """What was asked of this run last, newest first, ten at most, each with its steps beside the run's own."""
    return list(newest(_run_or_404(request, id)))


@router.post("/runs/{uuid:id}/what-ifs", response={202: WhatIfOut}, auth=RUNS)
@once
def ask_what_if(request: HttpRequest, id: UUID) -> Status[WhatIfOut]:
    """Walk it with today's prompts, models and policy; nothing has an effect, models cost up to `most_micros`."""
    return Status(202, WhatIfOut.from_orm(actions.ask_what_if(_run_or_404(request, id), actor=caller(request))))
