"""The short way to PostgreSQL for statements that a run sends at every step."""

from typing import Any, TypeAlias, cast

from django.db import DEFAULT_DB_ALIAS, connections

from agents.base.postgresql.base import DatabaseWrapper, Parameters, Sent

Row: TypeAlias = tuple[Any, ...]


def first(statement: str, parameters: Parameters) -> Row | None:
    """The first of `every`; None without one."""
    return next(iter(every(statement, parameters)), None)


def every(statement: str, parameters: Parameters) -> list[Row]:
    """The rows of a prepared statement that returns rows, in the transaction Django is in.

    Django's own cursor takes as long to hand such a statement over as PostgreSQL to commit it. Raises Django's errors.
    """
    database = _database()
    if database.queries_logged:
        with database.cursor() as seen:
            seen.execute(statement, parameters)
            return cast(list[Row], seen.fetchall())
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        return cast(list[Row], cursor.execute(statement, parameters, prepare=True).fetchall())


def send(statement: str, parameters: Parameters) -> Sent:
    """Hand a statement over that commits by itself, and go on. Raises Django's errors, now or when its row is asked."""
    return Sent(_database(), statement, parameters)


def follow(statement: str, parameters: Parameters) -> Row | None:
    """`first` of a statement that returns text alone, handed over right behind those on their way.

    It has to see for itself whether one of those was refused.
    """
    return send(statement, parameters).row() if commits_alone() else first(statement, parameters)


def ahead(statement: str, parameters: Parameters) -> Row | None:
    """`first`, of a statement whose commit is not waited for: whatever follows on this connection comes after it.

    Whoever writes next has to see for itself whether it was committed.
    """
    if not commits_alone():
        return first(statement, parameters)
    return Sent(_database(), statement, parameters, ahead=True).ahead()


def commits_alone() -> bool:
    """Whether a statement has a commit of its own that Python need not wait for: not inside a transaction."""
    database = _database()
    return not (database.in_atomic_block or database.queries_logged)


def _database() -> DatabaseWrapper:
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
