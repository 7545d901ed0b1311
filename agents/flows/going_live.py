"""What the flow of an agent lacks before the agent may go live: refused there, sentence by sentence."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from agents.base.phrases import phrase, spoken
from agents.engine import Graph
from agents.engine.errors import InvalidGraph
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion
from agents.fleet.queries.policies import policy
from agents.flows.boundary import boundary
from agents.flows.models import FlowTerms
from agents.flows.readiness import unready
from agents.runs.models import Run
from agents.runs.registry import FlowContext, UnknownFlow, flow
from agents.runs.services import services_for

# What the engine says of a graph (agents/engine/validate.py), for readers of other languages.
phrase("the flow has no name")
phrase("the flow names no pattern")
phrase("the flow promises no latency")
phrase("node “%(node)s” has no exit criterion", "node")
phrase("node “%(node)s” has no latency target", "node")
phrase("node “%(node)s” has no cost limit", "node")
phrase("the edge from “%(source)s” to “%(target)s” has no criterion", "source", "target")


def lacking(agent: Agent) -> list[str]:
    """Sentences for the reader; none for an agent that runs nothing here."""
    given = Assignment.objects.select_related("flow_version__flow").filter(agent=agent).first()
    if given is None:
        return []
    kept = given.flow_version.flow
    terms = FlowTerms.objects.filter(flow=kept).first() or FlowTerms(flow=kept)
    return [*_of_graph(agent, given.flow_version, terms), *_of_terms(kept, terms)]


def _of_graph(agent: Agent, version: FlowVersion, terms: FlowTerms) -> list[str]:
    run = Run(agent=agent, flow_version=version)  # never kept: a graph is built for a run
    try:
        graph = flow(version.flow.slug).build(FlowContext(run, agent, version.settings, services_for(run)))
    except UnknownFlow:
        return [_("The flow “%(flow)s” is not shipped any more.") % {"flow": version.flow.slug}]
    except InvalidGraph as refused:
        problems = "; ".join(spoken(one) for one in refused.problems)
        return [
            _("The flow “%(flow)s” is not ready: %(problems)s.") % {"flow": version.flow.slug, "problems": problems}
        ]
    return [*unready(graph), *_of_boundary(agent, graph, terms)]


def _of_boundary(agent: Agent, graph: Graph, terms: FlowTerms) -> Iterator[str]:
    kept = policy(agent.team_id)
    if boundary(graph, kept.rules if kept else {}).is_unattended and not terms.unattended_because:
        yield _("No step of the flow “%(flow)s” stays human: say why nobody needs to look.") % {"flow": graph.name}


def _of_terms(kept: Flow, terms: FlowTerms) -> Iterator[str]:
    told = {"flow": kept.slug}
    if terms.seconds is None:
        yield _("The flow “%(flow)s” promises no cycle time.") % told
    if terms.resolved_percent is None:
        yield _("The flow “%(flow)s” does not say which share of its runs it resolves.") % told
    if terms.diverted_percent is None:
        yield _("The flow “%(flow)s” does not say which share of its runs may ask a person.") % told
    owners = [one for one in (terms.owner, terms.second_owner) if one and one.is_active]
    if len(owners) < 2:
        yield _("The flow “%(flow)s” needs two owners who are active; it has %(n)s.") % {**told, "n": len(owners)}
