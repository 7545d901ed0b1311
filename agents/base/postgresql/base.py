"""Django's PostgreSQL, and statements on their way: they are carried out and committed while Python goes on.

psycopg's pipeline gathers statements into one transaction or waits for each; here each commits by itself, by libpq's
own pipeline mode. One is handed over whole before Python goes on: who dies after that does not take it back.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from itertools import count
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import DataError, Error
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

Connection: TypeAlias = psycopg.Connection[Any]
Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
PLACE = re.compile(r"%(?:\((\w+)\))?s")
_prepared: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()


class DatabaseWrapper(base.DatabaseWrapper):
    """Before anything else is asked of the connection, all that is on its way has come back: everything in order."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.on_its_way: deque[Sent] = deque()

    def ensure_connection(self) -> None:
        """Django calls this before every cursor and every change of autocommit."""
        while self.on_its_way:
            self.on_its_way[0].wait()
        super().ensure_connection()

    def rollback(self) -> None:
        super().rollback()
        self._forget()

    def savepoint_rollback(self, sid: str) -> None:
        super().savepoint_rollback(sid)
        self._forget()

    def _forget(self) -> None:
        """psycopg deallocates all there is after a rollback, and not only what it has prepared itself."""
        if self.connection is not None:
            _prepared.pop(self.connection, None)


class Sent:
    """A prepared statement on its way. Its parameters travel as text: it casts them where no column says their type."""

    def __init__(
        self, database: DatabaseWrapper, statement: str, parameters: Parameters, *, ahead: bool = False
    ) -> None:
        name, text, names = _numbered(statement)
        given = [_text(parameters[each]) for each in names]
        if not database.on_its_way:
            database.close_if_health_check_failed()
            database.ensure_connection()
        self.database, self.connection = database, database.connection
        self.outcome: tuple[str, ...] | Error | None = None
        self.results: list[PGresult] = []
        with database.wrap_database_errors, self._undisturbed():
            self._hand_over(name, text, given, ahead)

    def _hand_over(self, name: bytes, text: bytes, given: list[bytes | None], ahead: bool) -> None:
        known, way = _prepared.setdefault(self.connection, set()), self.connection.pgconn
        if name not in known:
            self.database.ensure_connection()
            self._prepare(name, text)
            known.add(name)
        way.enter_pipeline_mode()
        way.send_query_prepared(name, given)
        if ahead:
            way.send_flush_request()
        way.pipeline_sync()
        self.connection.wait(generators.send(way))
        self.database.on_its_way.append(self)

    def _prepare(self, name: bytes, text: bytes) -> None:
        """A name stands for one text: a statement that was never deallocated is as good."""
        with suppress(errors.DuplicatePreparedStatement):
            _first(self.connection.pgconn.prepare(name, text))

    def is_back(self) -> bool:
        """Whether its row, or its error, is here already."""
        waits = self.database.on_its_way
        if self not in waits:
            return True
        try:
            self.connection.pgconn.consume_input()
            return waits[0] is self and not self.connection.pgconn.is_busy()
        except psycopg.Error:
            return True

    def row(self) -> tuple[str, ...] | None:
        """Its first row, as text, once it is committed. Raises Django's errors."""
        self.wait()
        if isinstance(self.outcome, Error):
            raise self.outcome
        return self.outcome

    def ahead(self) -> tuple[Any, ...] | None:
        """Its first row as Python's values, carried out but not committed yet, of one sent so. Raises Django's errors.

        Whatever is sent after it is carried out after its commit, and sees what became of it.
        """
        while self.database.on_its_way[0] is not self:
            self.database.on_its_way[0]._come_back()
        with self.database.wrap_database_errors, self._undisturbed():
            self.results = self.connection.wait(generators.fetch_many(self.connection.pgconn))
        if self.results[0].status != ExecStatus.TUPLES_OK:
            self.row()
        loader = Transformer.from_context(self.connection)
        loader.set_pgresult(self.results[0])
        return loader.load_row(0, tuple) if self.results[0].ntuples else None

    def wait(self) -> None:
        """Until it is committed or refused."""
        while self in self.database.on_its_way:
            self.database.on_its_way[0]._come_back()

    def _come_back(self) -> None:
        with self._undisturbed():
            try:
                with self.database.wrap_database_errors:
                    self.outcome = self._received()
            except Error as error:
                self.outcome = error
            self.database.on_its_way.popleft()
            if not (self.database.on_its_way or self.connection.closed):
                self.connection.pgconn.exit_pipeline_mode()

    def _received(self) -> tuple[str, ...] | None:
        """Its first row, once PostgreSQL has said that this was all: its commit may be refused after its rows."""
        results = self.results
        while not results or results[-1].status != ExecStatus.PIPELINE_SYNC:
            results += self.connection.wait(generators.fetch_many(self.connection.pgconn))
        row, *_rest = [_first(result) for result in results[:-1]]
        return row

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Whoever is told to go in the middle leaves no connection: nobody could tell one answer from the next."""
        try:
            yield
        except psycopg.Error:
            raise
        except BaseException:
            self.connection.pgconn.finish()
            raise


@lru_cache(32)
def _numbered(statement: str) -> tuple[bytes, bytes, tuple[Any, ...]]:
    """As libpq takes it: a name, the text with $1, $2, …, and the names of those (or their places, without names)."""
    found, number = PLACE.findall(statement), count(1)
    names: tuple[Any, ...] = tuple(dict.fromkeys(filter(None, found))) or tuple(range(len(found)))
    text = PLACE.sub(lambda place: f"${names.index(place[1]) + 1 if place[1] else next(number)}", statement).encode()
    return b"sent_" + sha256(text).hexdigest()[:16].encode(), text, names


def _text(value: Any) -> bytes | None:
    if value is None:
        return None
    text = str(value).encode()
    if b"\0" in text:  # libpq would take the text to end there
        raise DataError("PostgreSQL's text has no NUL.")
    return text


def _first(result: PGresult) -> tuple[str, ...] | None:
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise errors.error_from_result(result)
    if not result.ntuples:
        return None
    return tuple((result.get_value(0, place) or b"").decode() for place in range(result.nfields))
