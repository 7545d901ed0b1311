"""OpenTelemetry traces that somebody's exporter sends: runs of the agents that they name."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Refused
from agents.connectors.ingest import take_runs
from agents.connectors.otlp import Heard, Span
from agents.connectors.otlp.runs import document, names, traces
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.people.models import User

SOURCE = "otlp"


class UnknownAgents(Refused):
    """Nothing that was sent names an agent that is there."""

    status = 404


def report_traces(heard: Heard, agents: QuerySet[Agent], *, actor: User) -> None:
    """Takes every trace of one of `agents` in as its run; `heard` counts the spans of those that cannot be taken.

    Raises NotAllowed before anything is kept, and UnknownAgents (`unknown_agent`) where no trace is of an agent.
    """
    found = traces(heard.spans)
    known = {agent.slug: agent for agent in agents.select_related("team")}
    mine: dict[Agent, list[Sequence[Span]]] = defaultdict(list)
    for spans in found.values():
        if agent := _agent(known, spans):
            mine[agent].append(spans)
        else:
            heard.reject(_unknown(spans), len(spans))
    if found and not mine:
        raise UnknownAgents(heard.why, "unknown_agent")
    for agent in mine:
        require(actor, agent, Verb.INSTRUCT)
    for agent, traced in mine.items():
        _take(agent, traced, heard)


def _agent(known: dict[str, Agent], spans: Sequence[Span]) -> Agent | None:
    """By its name here, as people would write it."""
    return next((known[slug] for name in names(spans) if (slug := slugify(name)) in known), None)


def _unknown(spans: Sequence[Span]) -> str:
    called = ", ".join(names(spans)) or "-"
    return _("No agent of yours is called %(called)s: set service.name to its name in Rollcall.") % {"called": called}


def _take(agent: Agent, traced: Sequence[Sequence[Span]], heard: Heard) -> None:
    try:
        taken = take_runs(agent, [document(spans) for spans in traced], source=SOURCE)
    except Conflict as retired:
        heard.reject(retired.message, sum(map(len, traced)))
        return
    for spans, each in zip(traced, taken, strict=True):
        if each.problem:
            heard.reject(each.problem.message, len(spans))
