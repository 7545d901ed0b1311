"""How a row of the matrix is written."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tests.matrix.access import Access
from tests.matrix.world import World

Given = Callable[[World], dict[str, Any]]


def nothing(world: World) -> dict[str, Any]:
    return {}


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.agent.slug}


def with_slug(more: Given) -> Given:
    return lambda world: {"slug": world.agent.slug, **more(world)}


def later(days: int) -> str:
    """A day so far ahead."""
    return (timezone.now().date() + dt.timedelta(days=days)).isoformat()


@dataclass(frozen=True)
class Row:
    """A page: who gets through by reading and by sending a form (None: nobody). `data` is a valid form."""

    get: Access | None = None
    post: Access | None = None
    kwargs: Given = nothing
    data: Given = nothing


@dataclass(frozen=True)
class Call:
    """An endpoint for machines: its one method, who gets through, and a body that fits."""

    method: str
    access: Access
    kwargs: Given = nothing
    body: Given = nothing


Rows = Mapping[str, Row]
Calls = Mapping[str, Call]
