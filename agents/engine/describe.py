"""A graph as JSON, for a page to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.engine.state import Json

if TYPE_CHECKING:
    from agents.engine.graph import Criterion, Edge, Graph, Node


def described(graph: Graph) -> dict[str, Json]:
    """Nodes with kind and limits, edges with criterion and course; a parallel set's branches on its node."""
    return {
        "name": graph.name,
        "pattern": graph.pattern,
        "start": graph.start,
        "slo": {"latency_ms": graph.slo.latency_ms, "share": graph.slo.share},
        "max_steps": graph.max_steps,
        "goal": graph.goal and {"text": graph.goal.text, "constraints": [one.text for one in graph.goal.constraints]},
        "fallback": graph.fallback,
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [_edge(edge) for edge in graph.edges],
    }


def _node(node: Node) -> dict[str, Json]:
    return {
        "name": node.name,
        "kind": node.kind.value,
        "effect": node.effect.value,
        "reads": list(node.reads),
        "exit": _text(node.exit),
        "latency_ms": node.latency_ms,
        "cost_micros": node.cost_micros,
        "max_visits": node.max_visits,
        "branches": list(node.branches),
        "each": node.each is not None,
        "when": _text(node.when),
        "flow": node.flow.describe() if node.flow else None,
        **({"undo": True} if node.undo else {}),
    }


def _edge(edge: Edge) -> dict[str, Json]:
    return {"source": edge.source, "target": edge.target, "criterion": _text(edge.criterion), "on": edge.on.value}


def _text(criterion: Criterion | None) -> str:
    return criterion.text if criterion else ""
