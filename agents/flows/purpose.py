"""What a long flow is for, said again to its models at every checkpoint (R-151)."""

from dataclasses import replace

from agents.engine import Effect, Goal, Graph
from agents.engine.checkpoint import EVERY, GOAL


def purposeful(graph: Graph, purpose: str) -> Graph:
    """The graph; a long one has a goal, its own or this `purpose`, that its models read once it was said again."""
    if not is_long(graph):
        return graph
    nodes = tuple(
        replace(node, reads=(*node.reads, GOAL)) if node.effect is Effect.MODEL and GOAL not in node.reads else node
        for node in graph.nodes
    )
    return replace(graph, goal=graph.goal or Goal(purpose), nodes=nodes)


def is_long(graph: Graph) -> bool:
    """Whether a run may pass a checkpoint: as many visits as its nodes allow, one each where no way leads back."""
    within = {name for node in graph.nodes for name in node.branches}
    visits = sum(
        node.max_visits if node.name in _ahead(graph, node.name) else 1
        for node in graph.nodes
        if node.name not in within
    )
    return min(visits, graph.max_steps) > EVERY


def _ahead(graph: Graph, name: str) -> set[str]:
    """Every node that some way leads to from there."""
    reached, left = set[str](), [name]
    while left:
        one = left.pop()
        new = {edge.target for edge in graph.edges if edge.source == one} - reached
        reached |= new
        left.extend(new)
    return reached
