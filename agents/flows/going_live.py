"""What the flow of an agent lacks before the agent may go live: refused there, sentence by sentence."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from agents.base.phrases import phrase, spoken
from agents.engine.errors import InvalidGraph
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion
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
    return [*_of_graph(agent, given.flow_version), *_of_terms(kept, FlowTerms.objects.filter(flow=kept).first())]


def _of_graph(agent: Agent, version: FlowVersion) -> list[str]:
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
    return unready(graph)


def _of_terms(kept: Flow, terms: FlowTerms | None) -> Iterator[str]:
    terms, told = terms or FlowTerms(flow=kept), {"flow": kept.slug}
    if terms.seconds is None:
        yield _("The flow “%(flow)s” promises no cycle time.") % told
    if terms.resolved_percent is None:
        yield _("The flow “%(flow)s” does not say which share of its runs it resolves.") % told
    if terms.diverted_percent is None:
        yield _("The flow “%(flow)s” does not say which share of its runs may ask a person.") % told
    owners = [one for one in (terms.owner, terms.second_owner) if one and one.is_active]
    if len(owners) < 2:
        yield _("The flow “%(flow)s” needs two owners who are active; it has %(n)s.") % {**told, "n": len(owners)}
