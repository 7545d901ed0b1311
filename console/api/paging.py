"""Newest first, a page at a time: UUIDv7 keys are their own cursor."""

import uuid
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Field, Schema

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Paging(Schema):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: uuid.UUID | None = None
    limit: int = Field(50, ge=1, le=200)


class Page(Schema, Generic[T]):
    items: list[T]
    next_cursor: uuid.UUID | None


def page(rows: QuerySet[M], paging: Paging) -> dict[str, object]:
    """One query: a page of `rows` and where the next one begins."""
    if paging.cursor:
        rows = rows.filter(pk__lt=paging.cursor)
    found = list(rows.order_by("-pk")[: paging.limit + 1])
    items = found[: paging.limit]
    return {"items": items, "next_cursor": items[-1].pk if len(found) > paging.limit else None}
