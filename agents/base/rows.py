"""Models' rows out of SQL of our own: their columns, and the objects they stand for."""

from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from agents.base.sql import Row

M = TypeVar("M", bound=Model)


def columns(model: type[Model], table: str) -> str:
    """All columns of `model`, as SQL, in the order `load` expects."""
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)


def load(model: type[M], row: Row) -> tuple[M, Row]:
    """The object whose `columns` begin `row`, and what is left of the row."""
    names, convert = _fields(model)
    values = [value if how is None else how(value, None, connection) for how, value in zip(convert, row, strict=False)]
    return model.from_db(connection.alias, names, values), row[len(names) :]


@cache
def _fields(model: type[Model]) -> tuple[list[str], list[Any]]:
    """The names of the model's columns as attributes, and how each value is converted, if it is."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [getattr(field, "from_db_value", None) for field in fields]
