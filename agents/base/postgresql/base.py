"""Django's PostgreSQL, and one statement may be on its way: it is carried out and committed while Python goes on.

psycopg's pipeline mode gathers statements into one transaction or waits for each, so this is libpq's own asynchronous
way: one statement at a time, handed over whole before Python goes on. Who dies after that does not take it back.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import Error
from psycopg import errors, generators
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

Connection: TypeAlias = psycopg.Connection[Any]
PLACE = re.compile(r"%\((\w+)\)s")
_prepared: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()


class DatabaseWrapper(base.DatabaseWrapper):
    """Before anything else is asked of the connection, what is on its way has come back: all happens in order."""

    on_its_way: "Sent | None" = None

    def ensure_connection(self) -> None:
        """Django calls this before every cursor and every change of autocommit."""
        if self.on_its_way is not None:
            self.on_its_way.wait()
        super().ensure_connection()


class Sent:
    """A prepared statement on its way. Each of its parameters is cast or compared in it: all travel as text."""

    def __init__(self, database: DatabaseWrapper, statement: str, parameters: Mapping[str, Any]) -> None:
        database.ensure_connection()
        self.database, self.connection = database, database.connection
        self.outcome: tuple[str, ...] | Error | None = None
        with database.wrap_database_errors:
            name, names = _prepare(self.connection, statement)
            given = [None if parameters[each] is None else str(parameters[each]).encode() for each in names]
            self.connection.pgconn.send_query_prepared(name, given)
            self.connection.wait(generators.send(self.connection.pgconn))
        database.on_its_way = self

    def is_back(self) -> bool:
        """Whether to ask for its row costs no waiting."""
        if self.database.on_its_way is self:
            self.connection.pgconn.consume_input()
        return self.database.on_its_way is not self or not self.connection.pgconn.is_busy()

    def row(self) -> tuple[str, ...] | None:
        """Its first row, as text, once it is committed. Raises Django's errors."""
        self.wait()
        if isinstance(self.outcome, Error):
            raise self.outcome
        return self.outcome

    def wait(self) -> None:
        """Until it is committed or refused."""
        if self.database.on_its_way is self:
            try:
                with self.database.wrap_database_errors:
                    self.outcome = _first(self.connection.wait(generators.fetch_many(self.connection.pgconn))[-1])
            except Error as error:
                self.outcome = error
            self.database.on_its_way = None


def _prepare(connection: Connection, statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The name this connection knows the statement by, and its parameters in order."""
    name, text, names = _numbered(statement)
    known = _prepared.setdefault(connection, set())
    if name not in known:
        _first(connection.pgconn.prepare(name, text))
        known.add(name)
    return name, names


@lru_cache(32)
def _numbered(statement: str) -> tuple[bytes, bytes, tuple[str, ...]]:
    """As libpq takes it: a name, the text with $1, $2, …, and which parameter is which."""
    names = tuple(dict.fromkeys(PLACE.findall(statement)))
    text = PLACE.sub(lambda found: f"${names.index(found[1]) + 1}", statement).encode()
    return b"sent_" + sha256(text).hexdigest()[:16].encode(), text, names


def _first(result: PGresult) -> tuple[str, ...] | None:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise errors.error_from_result(result)
    if not result.ntuples:
        return None
    return tuple((result.get_value(0, place) or b"").decode() for place in range(result.nfields))
