"""What a flow lacks before it may run for a team. What a graph itself must have is `agents.engine.validate`'s."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from agents.engine import Effect, Graph
from agents.flows.patterns import PATTERNS


def unready(graph: Graph) -> list[str]:
    """The reasons, in sentences for the reader; none when it may."""
    return list(_reasons(graph))


def _reasons(graph: Graph) -> Iterator[str]:
    if graph.pattern not in PATTERNS:
        yield _("“%(pattern)s” is no pattern of the library.") % {"pattern": graph.pattern}
    if any(node.effect.changes_the_world for node in graph.nodes) and not graph.fallback:
        yield _("It publishes or changes something, but names nobody for what a guardrail refuses.")
    for node in graph.nodes:
        if node.effect is Effect.DESTRUCTIVE and node.undo is None:
            yield _("“%(node)s” destroys something and cannot be taken back.") % {"node": node.name}
        if node.flow is not None:
            yield from _reasons(node.flow)
