"""Flows by slug: the code behind `FlowVersion`. agents.flows registers them in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.engine import Graph, Json
from agents.fleet.models import Agent
from agents.runs.models import Run

if TYPE_CHECKING:
    from agents.runs.services import Services


@dataclass(frozen=True)
class FlowContext:
    """What a flow is built from: the run, its agent, the thresholds of its version, and what its nodes may use.

    `services` also reaches every node as `context.services`.
    """

    run: Run
    agent: Agent
    settings: Mapping[str, Json]
    services: Services


OWN = "own-"
"""How the slugs of flows begin that teams compose themselves; one build makes them all, from their versions."""
Build = Callable[[FlowContext], Graph]


@dataclass(frozen=True)
class Shipped:
    """A flow as it ships. `build` is pure: another graph on resume, and the run would not find its steps."""

    slug: str
    name: str
    build: Build
    input_schema: Mapping[str, Json] = field(default_factory=dict)
    """What a run's input looks like, as JSON Schema. Empty: anything."""


class UnknownFlow(LookupError):
    """No code of that slug in this process: an older or a newer release is needed."""


_flows: dict[str, Shipped] = {}


def register_flow(slug: str, name: str, build: Build, input_schema: Mapping[str, Json] | None = None) -> None:
    """Make a flow known. Raises ValueError when the slug is taken by another build."""
    if _flows.setdefault(slug, Shipped(slug, name, build, input_schema or {})).build is not build:
        raise ValueError(f"The flow {slug!r} is registered twice.")


def flow(slug: str) -> Shipped:
    """The flow of that slug. Raises UnknownFlow."""
    try:
        return _flows[OWN if slug.startswith(OWN) else slug]
    except KeyError:
        raise UnknownFlow(f"No flow is called “{slug}” here.") from None


def flows() -> tuple[Shipped, ...]:
    """Every flow, by slug."""
    return tuple(_flows[slug] for slug in sorted(_flows))
