"""The short way to PostgreSQL for statements that a run sends at every step."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from django.db import DEFAULT_DB_ALIAS, connections

Row: TypeAlias = tuple[Any, ...]


def first(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Row | None:
    """The first of `every`; None without one."""
    return next(iter(every(statement, parameters)), None)


def every(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[Row]:
    """The rows of a prepared statement that returns rows, in the transaction Django is in.

    Django's own cursor takes as long to hand such a statement over as PostgreSQL to commit it. Raises Django's errors.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged:
        with database.cursor() as seen:
            seen.execute(statement, parameters)
            return cast(list[Row], seen.fetchall())
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        return cast(list[Row], cursor.execute(statement, parameters, prepare=True).fetchall())
