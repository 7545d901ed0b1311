"""What the texts of steps take and cost, as last night's account has it."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from agents.people.models import Team
from agents.runs import verbs
from agents.runs.models import Run
from audit.models import AuditEvent, AuditPayload


@dataclass(frozen=True, slots=True)
class Account:
    """Of one night: up to which end of a run texts are gone (None: all are kept), how much went, what is left.

    `cost_micros`: what `kept_bytes` cost a month, in micro-units of the policy's currency.
    """

    at: dt.datetime
    until: dt.datetime | None
    runs: int = 0
    steps: int = 0
    freed_bytes: int = 0
    kept_bytes: int = 0
    cost_micros: int = 0

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def account_of(team: Team) -> Account | None:
    """The last night's; None before the first, or where what it said has been erased."""
    event = AuditEvent.objects.filter(object_id=team.pk, verb=verbs.TRACES_ACCOUNTED).order_by("-seq").first()
    payload = AuditPayload.objects.filter(pk=event.pk).first() if event else None
    if payload is None:
        return None
    said = {name: payload.body[name] for name in Account.__dataclass_fields__}
    until = dt.datetime.fromisoformat(said["until"]) if said["until"] else None
    return Account(**{**said, "at": dt.datetime.fromisoformat(said["at"]), "until": until})


def texts_are_gone(run: Run) -> bool:
    """Whether the texts of the run's steps were forgotten: hashes say that something went in, and it is not there."""
    return run.steps.filter(input__isnull=True).exclude(input_sha256="").exists()
