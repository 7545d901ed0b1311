"""Runs from a file, with what a benchmark knows of them kept where no page and no ranking looks."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from uuid import UUID

from django.db import transaction

from agents.base.actors import SYSTEM
from agents.connectors import verbs
from agents.connectors.formats import FORMATS, Entry
from agents.connectors.ingest import Taken, take_runs
from agents.connectors.models import GroundTruth
from agents.fleet.models import Agent
from agents.runs.models import RunException
from audit.actions import record

BATCH = 200


@dataclass
class Imported:
    """What became of a file. `rejected`: place (from 1) and why; `exceptions` counts what people must see, by kind."""

    runs: int = 0
    steps: int = 0
    skipped: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    exceptions: Counter[str] = field(default_factory=Counter)


def import_runs(agent: Agent, data: bytes, *, format: str) -> Imported:
    """Takes in the file's runs; the same file again adds nothing. Raises BadFile, Conflict (`retired`)."""
    done, entries = Imported(), FORMATS[format](data)
    while batch := list(islice(entries, BATCH)):
        with transaction.atomic():
            _take(agent, batch, f"import:{format}", done)
    record(
        verbs.RUNS_IMPORTED,
        actor=SYSTEM,
        team_id=agent.team_id,
        obj=agent,
        agent_id=agent.pk,
        format=format,
        sha256=hashlib.sha256(data).hexdigest(),
        runs=done.runs,
        steps=done.steps,
        skipped=done.skipped,
        rejected=len(done.rejected),
    )
    return done


def _take(agent: Agent, batch: list[Entry], source: str, done: Imported) -> None:
    done.rejected += [(entry.place, entry.problem) for entry in batch if entry.problem]
    good = [entry for entry in batch if not entry.problem]
    made: list[UUID] = []
    for entry, each in _taken(agent, good, source):
        done.runs += each.status in ("created", "updated")
        done.skipped += each.status == "duplicate"
        done.steps += each.steps
        done.rejected += [(entry.place, why) for why in _why(each)]
        if each.status == "created" and each.run_id:
            made.append(each.run_id)
            if entry.truth:
                GroundTruth.objects.create(run_id=each.run_id, data=entry.truth)
    done.exceptions.update(_kinds(made))


def _taken(agent: Agent, entries: list[Entry], source: str) -> Iterator[tuple[Entry, Taken]]:
    for flags, alike in groupby(entries, key=lambda entry: entry.flags):
        group = list(alike)
        documents = [entry.document for entry in group]
        yield from zip(group, take_runs(agent, documents, source=source, flags=flags), strict=True)


def _why(taken: Taken) -> Iterator[str]:
    if taken.problem:
        places: dict[str, list[str]] = getattr(taken.problem, "fields", {})
        yield "; ".join([f"{place}: {' '.join(said)}" for place, said in places.items()] or [taken.problem.message])


def _kinds(runs: Iterable[UUID]) -> Counter[str]:
    return Counter(RunException.objects.filter(run__in=runs).values_list("kind", flat=True))
