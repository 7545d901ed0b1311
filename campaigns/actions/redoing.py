"""Outputs made on what no longer holds become exceptions of one fingerprint a fact, and a list to do again (R-074)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.hooks import notify
from agents.base.phrases import phrase
from agents.runs.actions import raise_exception, resolve_exception
from agents.runs.enums import ExceptionKind, RunState, Severity
from agents.runs.models import Output, Run
from campaigns.enums import AppliesTo, VersionState
from campaigns.models import Broadcast, ContextUse, ContextVersion, Delivery, Redo, Watermark
from campaigns.models.inforce import RedoReason
from campaigns.queries import context_held
from campaigns.saying import contradiction

BATCH = 500
DAY = dt.timedelta(days=1)
SETTLES = dt.timedelta(seconds=5)
"""Outputs this young may belong to transactions that are not committed yet."""
OUTPUTS = "outputs"
OLD = phrase("An output was made on “%(version)s”, which was replaced")
RIGHT_AGAIN = phrase("What it was made on is in force again.")
OTHERWISE = phrase("An output contradicts “%(version)s”: “%(said)s”")


def find_redos() -> int:
    """Looks at what was produced since it last looked; how many runs are to be looked at again."""
    found = [*_superseded(), *_contradicting()]
    return sum(_raise(redo) for redo in found)


def right_again(recalled: Broadcast, restored: ContextVersion | None) -> None:
    """What was made on the version that is in force again, or said otherwise than the one taken back, was right: it is
    off the list, and nobody is asked about it. The caller holds a transaction.
    """
    old = Q(version=restored, reason=RedoReason.SUPERSEDED) if restored else Q()
    rows = Redo.objects.filter(old | Q(version=recalled.version_id, reason=RedoReason.CONTRADICTS))
    for redo in rows.select_related("exception__agent").order_by("exception"):
        if redo.exception:
            resolve_exception(redo.exception, note=RIGHT_AGAIN)
        redo.delete()


def _superseded() -> Iterator[Redo]:
    """Runs that ended after the version they were given had been replaced, unless it stayed right for work begun."""
    known = Redo.objects.filter(run=OuterRef("run"), version=OuterRef("version"))
    newer = ContextVersion.objects.filter(
        campaign=OuterRef("version__campaign"), state=VersionState.LIVE, applies_to=AppliesTo.IN_FLIGHT
    )
    uses = ContextUse.objects.filter(
        Exists(newer),
        ~Exists(known),
        version__state=VersionState.SUPERSEDED,
        run__state=RunState.DONE,
        run__finished_at__gt=F("version__state_since"),
    ).filter(run__finished_at__gt=timezone.now() - DAY)
    for use in uses.select_related("run__agent", "version__campaign").order_by("pk")[:BATCH]:
        yield Redo(run=use.run, version=use.version, reason=RedoReason.SUPERSEDED)


def _contradicting() -> Iterator[Redo]:
    """Outputs since the watermark that say otherwise than what their agent is known to hold."""
    now = timezone.now() - SETTLES
    mark, _new = Watermark.objects.get_or_create(name=OUTPUTS, defaults={"until": now})
    rows = Output.objects.filter(created_at__gt=mark.until, created_at__lte=now).order_by("created_at", "pk")
    outputs = list(rows.select_related("run__agent")[:BATCH])
    told = _held_by({output.run.agent_id for output in outputs})
    for output in outputs:
        yield from _compared(output, told[output.run.agent_id])
    until = outputs[-1].created_at if len(outputs) == BATCH else now
    Watermark.objects.filter(pk=mark.pk).update(until=until)


def _held_by(agents: Iterable[object]) -> dict[object, list[Delivery]]:
    found: dict[object, list[Delivery]] = defaultdict(list)
    for delivery in context_held(list(agents)) if agents else ():  # type: ignore[arg-type]
        found[delivery.agent_id].append(delivery)
    return found


def _compared(output: Output, held: list[Delivery]) -> Iterator[Redo]:
    made = output.run.finished_at or output.created_at
    for delivery in held:
        if delivery.rendering and made > delivery.state_since:
            version = delivery.rendering.version
            if said := contradiction(output.content, version):
                yield Redo(run=output.run, version=version, reason=RedoReason.CONTRADICTS, said=said[:200])


@transaction.atomic
def _raise(redo: Redo) -> bool:
    """Under the run's lock: found once, however many look."""
    run = Run.objects.select_for_update(no_key=True, of=("self",)).select_related("agent").get(pk=redo.run_id)
    if Redo.objects.filter(run=run, version=redo.version).exists():
        return False
    old = redo.reason == RedoReason.SUPERSEDED
    title = OLD % {"version": redo.version} if old else OTHERWISE % {"version": redo.version, "said": redo.said}
    redo.exception = raise_exception(
        run.agent,
        run=run,
        step_key=f"campaign/{redo.version_id}",
        kind=ExceptionKind.STALE_CONTEXT,
        severity=Severity.MEDIUM if old else Severity.HIGH,
        title=title,
        evidence={"version": str(redo.version_id), "campaign": str(redo.version.campaign_id), "run": str(run.pk)},
        cause=f"{redo.reason}:{redo.version_id}",
        actor=SYSTEM,
    )
    redo.save(force_insert=True)
    notify("campaigns")
    return True
