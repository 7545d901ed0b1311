"""A page at a time: the id of the last row is the cursor of the next page."""

import uuid
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from ninja import Field, Schema

from agents.runs.models import ReviewItem

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Paging(Schema):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: uuid.UUID | None = None
    limit: int = Field(50, ge=1, le=200)


class Page(Schema, Generic[T]):
    items: list[T]
    next_cursor: uuid.UUID | None


def newest(rows: QuerySet[M], paging: Paging) -> dict[str, object]:
    """Newest first: UUIDv7 keys sort by time. One query, and one for each thing prefetched."""
    return _page(rows.filter(pk__lt=paging.cursor) if paging.cursor else rows, ["-pk"], paging.limit)


def worst(rows: QuerySet[ReviewItem], paging: Paging) -> dict[str, object]:
    """Highest rank first, then oldest. An item whose rank changes between two pages may be seen twice or not at all."""
    if last := paging.cursor and ReviewItem.objects.filter(pk=paging.cursor).first():
        rows = rows.filter(Q(rank__lt=last.rank) | Q(rank=last.rank, pk__gt=last.pk))
    return _page(rows, ["-rank", "pk"], paging.limit)


def _page(rows: QuerySet[M], order: list[str], limit: int) -> dict[str, object]:
    found = list(rows.order_by(*order)[: limit + 1])
    items = found[:limit]
    return {"items": items, "next_cursor": items[-1].pk if len(found) > limit else None}
