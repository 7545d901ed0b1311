"""The short way to PostgreSQL for statements that a run sends at every step."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from django.db import DEFAULT_DB_ALIAS, connections

Row: TypeAlias = tuple[Any, ...]


def first(statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> Row | None:
    """The first row of a prepared statement that returns rows, in the transaction Django is in; None without one.

    Django's own cursor takes as long to hand such a statement over as PostgreSQL to commit it. Raises Django's errors.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged:
        with database.cursor() as seen:
            seen.execute(statement, parameters)
            return cast(Row | None, seen.fetchone())
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        return cast(Row | None, cursor.execute(statement, parameters, prepare=True).fetchone())
