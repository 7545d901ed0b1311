"""Fetching what other people's agents did, and saying so when that is not possible."""

import datetime as dt
import logging
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Refused
from agents.connectors import wording
from agents.connectors.actions.answering import answered_lately
from agents.connectors.contract import Adapter, Document, Kpi, VendorError
from agents.connectors.enums import ConnectionState, Method, Problem
from agents.connectors.ingest import take_runs
from agents.connectors.models import Connection
from agents.connectors.registry import ADAPTERS, of
from agents.fleet.actions import observe
from agents.fleet.enums import Lifecycle, Observed, Verb
from agents.fleet.models import KpiPoint
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs.actions import check_outputs, raise_exception, resolve_exception
from agents.runs.enums import ExceptionKind, ExceptionState, Queue, Severity
from agents.runs.models import RunException
from agents.runs.status import look
from agents.runs.wake import wire

log = logging.getLogger(__name__)
FIRST = dt.timedelta(days=7)
"""How far back the first sync looks."""
OVERLAP = dt.timedelta(hours=2)
"""What a vendor shows late is seen again; told twice, a run is kept once."""
LEASE = dt.timedelta(minutes=10)
LONGEST = dt.timedelta(hours=4)
"""Between two tries of a connection that stays broken."""
BATCH = 500
PULLED = [vendor for vendor, kind in ADAPTERS.items() if Method.PULL in kind.declared]


@dataclass(frozen=True)
class Synced:
    """What a sync brought: documents that were new, went on, were known already or refused; or why it failed."""

    created: int = 0
    updated: int = 0
    known: int = 0
    rejected: int = 0
    problem: str = ""


def due(now: dt.datetime) -> list[uuid.UUID]:
    """Connections whose hour has come, longest waiting first."""
    rows = Connection.objects.filter(next_sync_at__lte=now, agent__vendor__in=PULLED).filter(_free(now))
    alive = rows.exclude(agent__lifecycle=Lifecycle.RETIRED)
    return list(alive.order_by("next_sync_at").values_list("pk", flat=True))


def sync(connection: Connection) -> Synced | None:
    """Everything since the last time; None while another worker has it, or where nothing can be fetched.

    A failure becomes one exception, open until a sync succeeds, and the agent counts as disconnected.
    """
    began = timezone.now()
    if connection.agent.vendor not in PULLED or not _take(connection, began):
        return None
    found = of(connection.agent, connection)
    try:
        documents, kpis = _fetch(found, connection, began)
        result = _keep(connection, documents)
    except VendorError as problem:
        return _failed(connection, problem)
    except Refused as refused:
        return _failed(connection, VendorError(Problem.REFUSED, refused.message))
    except Exception:
        # Whatever a vendor sends must not stop the other connections; the log has what happened.
        log.exception("The answer of %s could not be read", connection)
        return _failed(connection, VendorError(Problem.BAD_REPLY, _(wording.NOT_READ)))
    _succeeded(connection, began, kpis)
    return result


def _free(now: dt.datetime) -> Q:
    return Q(syncing_until=None) | Q(syncing_until__lt=now)


def _take(connection: Connection, now: dt.datetime) -> bool:
    """One worker at a time; the lease of one that died ends."""
    free = Connection.objects.filter(_free(now), pk=connection.pk)
    return bool(free.update(syncing_until=now + LEASE))


def _fetch(found: Adapter, connection: Connection, now: dt.datetime) -> tuple[list[Document], list[Kpi]]:
    since = connection.synced_until - OVERLAP if connection.synced_until else now - FIRST
    documents = list(found.pull(since))
    yesterday = now.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    return documents, found.pull_kpis(yesterday) if found.can(Method.PULL_KPIS) else []


def _keep(connection: Connection, documents: list[Document]) -> Synced:
    counts = {"created": 0, "updated": 0, "duplicate": 0, "rejected": 0}
    for start in range(0, len(documents), BATCH):
        part = documents[start : start + BATCH]
        for taken in take_runs(connection.agent, part, source=f"sync:{connection.agent.vendor}"):
            counts[taken.status] += 1
            if taken.problem:
                log.warning("%s: %s was refused: %s", connection, taken.external_id, taken.problem)
    return Synced(counts["created"], counts["updated"], counts["duplicate"], counts["rejected"])


@transaction.atomic
def _succeeded(connection: Connection, began: dt.datetime, kpis: list[Kpi]) -> None:
    row, now = _locked(connection), timezone.now()
    if row.state != ConnectionState.CONNECTED:
        row.state, row.state_since = ConnectionState.CONNECTED, now
    row.problem, row.error, row.last_sync_at, row.synced_until = "", "", now, began
    row.next_sync_at, row.syncing_until = now + dt.timedelta(seconds=row.every_s), None
    row.save()
    for kpi in kpis:
        told = {"value": kpi.value, "sample_size": kpi.sample_size}
        KpiPoint.objects.update_or_create(agent=row.agent, key=kpi.key, day=kpi.day, defaults=told)
    for exception in open_exceptions(row, ExceptionKind.SYNC_FAILED):
        resolve_exception(exception, actor=SYSTEM, note=wording.SYNCED_AGAIN)
    look(row.agent, reached=True)


@transaction.atomic
def _failed(connection: Connection, problem: VendorError) -> Synced:
    """A vendor that asks us to slow down is only asked later."""
    row, now = _locked(connection), timezone.now()
    row.problem, row.error, row.syncing_until = problem.kind, problem.message[:300], None
    row.next_sync_at = now + _pause(row, problem, now)
    if problem.kind != Problem.RATE:
        _lost(row, problem, now)
    row.save()
    return Synced(problem=problem.message)


def _pause(row: Connection, problem: VendorError, now: dt.datetime) -> dt.timedelta:
    """As long as it has been away, within limits, so that the pauses grow; never shorter than the vendor asks."""
    away = now - row.state_since if row.state == ConnectionState.DISCONNECTED else dt.timedelta()
    least = dt.timedelta(seconds=max(row.every_s, problem.retry_after or 0))
    return max(least, min(away, LONGEST))


def _lost(row: Connection, problem: VendorError, now: dt.datetime) -> None:
    if row.state != ConnectionState.DISCONNECTED:
        row.state, row.state_since = ConnectionState.DISCONNECTED, now
    evidence = {"problem": problem.kind.value, "since": row.state_since.isoformat()}
    same = answered_lately(row.agent, ExceptionKind.SYNC_FAILED, **evidence)
    if not same and not open_exceptions(row, ExceptionKind.SYNC_FAILED):
        raise_exception(
            row.agent,
            kind=ExceptionKind.SYNC_FAILED,
            severity=Severity.HIGH,
            title=wording.NOT_REACHED % {"agent": row.agent},
            detail=problem.message,
            evidence=dict(evidence),
            cause=problem.kind.value,
            actor=SYSTEM,
        )
    observe(row.agent, Observed.DISCONNECTED, {"connected": False, "reason": problem.message, **evidence})


def open_exceptions(connection: Connection, kind: ExceptionKind) -> list[RunException]:
    """Those of this kind about the connection's agent."""
    return list(RunException.objects.filter(agent=connection.agent, kind=kind, state=ExceptionState.OPEN))


def _locked(connection: Connection) -> Connection:
    """The row as it is now, held; the agent is read with it."""
    rows = Connection.objects.select_related("agent__team").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=connection.pk)


def sync_now(connection: Connection, *, actor: User) -> None:
    """A worker fetches at once; the clock sees to it should that wake-up be lost. Raises NotAllowed."""
    require(actor, connection.agent, Verb.REVIEW)
    Connection.objects.filter(pk=connection.pk).update(next_sync_at=timezone.now())
    transaction.on_commit(lambda: wire.send("connectors.sync", [str(connection.pk)], Queue.BULK), robust=True)


def sync_by_id(pk: uuid.UUID) -> Synced | None:
    """For the task: nothing to do when the connection is gone, or was fetched from since the message was sent.

    What is new is checked at once: until then its agent is not among the quiet ones.
    """
    rows = Connection.objects.select_related("agent__team").filter(pk=pk, next_sync_at__lte=timezone.now())
    connection = rows.first()
    synced = sync(connection) if connection else None
    if synced and synced.created + synced.updated:
        check_outputs()
    return synced
