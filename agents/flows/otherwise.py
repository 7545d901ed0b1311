"""Another flow for when the planner wants another route: declared by a version of any flow (R-060, R-172)."""

from dataclasses import replace

from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.phrases import phrase
from agents.engine import Course, Edge, Graph
from agents.flows.catalog import LIBRARY, TRIAGE, recipe
from agents.flows.parts import FAILED, inside
from agents.flows.readiness import unready
from agents.flows.recipe import Recipe
from agents.runs.registry import Build, FlowContext
from agents.runs.routes import ELSEWHERE

OTHERWISE = "otherwise"
"""The setting of a flow's version that names the other flow, by its slug."""
NODE = phrase("otherwise")


def routed(graph: Graph, slug: str) -> Graph:
    """`graph` with a way to the flow `slug` after its first node, for runs whose plan takes another route; "": none."""
    return _with(graph, recipe(slug).graph) if slug else graph


def rerouting(build: Build) -> Build:
    """The same build, with the other route that the run's version declares, if it does."""

    def built(context: FlowContext) -> Graph:
        graph, slug = build(context), context.settings.get(OTHERWISE)
        return _with(graph, recipe(slug).build(context)) if slug else graph

    return built


def _with(graph: Graph, other: Graph) -> Graph:
    node, way = inside(NODE, other), Edge(source=graph.start, target=NODE, criterion=ELSEWHERE)
    failed = [Edge(source=NODE, target=graph.fallback, criterion=FAILED, on=Course.FAILED)] if graph.fallback else []
    return replace(graph, nodes=(*graph.nodes, node), edges=(way, *graph.edges, *failed))


def alternatives(one: Recipe) -> list[Recipe]:
    """The flows of the library that work on what this one is given, and may run as a part of it."""
    others = [other for other in LIBRARY if other is not TRIAGE and other.slug != one.slug]
    return [other for other in others if _takes(other, one) and not unready(_with(one.graph, other.graph))]


def _takes(other: Recipe, one: Recipe) -> bool:
    return set(other.input.get("required", ())) <= set(one.input.get("required", ()))


def alternative(one: Recipe, slug: str) -> Recipe:
    """The flow `slug`, as the other route of this one. Raises Invalid (`otherwise`)."""
    for other in alternatives(one):
        if other.slug == slug:
            return other
    said = _("“%(flow)s” cannot take over: it is not in the library, or works on what this flow is not given.")
    said %= {"flow": slug}
    raise Invalid(said, OTHERWISE, {OTHERWISE: [said]})
