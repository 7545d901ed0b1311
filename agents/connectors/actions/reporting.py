"""Runs that somebody's script reports over the API."""

from collections.abc import Iterable, Sequence
from typing import Any

from agents.connectors.ingest import Taken, take_runs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.people.models import User

SOURCE = "api"


def report_runs(agent: Agent, documents: Sequence[Any], *, actor: User, flags: Iterable[str] = ()) -> list[Taken]:
    """`ingest.take_runs` for a person's machine. Raises NotAllowed, Conflict (`retired`)."""
    require(actor, agent, Verb.INSTRUCT)
    return take_runs(agent, documents, source=SOURCE, flags=flags, briefed=True)
