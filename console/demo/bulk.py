"""Rows by the thousand: COPY takes them in about a tenth of the time of INSERTs."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Model


def copy(rows: Sequence[Model]) -> None:
    """Writes new rows of one model, as they are."""
    if not rows:
        return
    fields = rows[0]._meta.concrete_fields
    table, names = rows[0]._meta.db_table, ", ".join(str(field.column) for field in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(_values(row, fields))


def _values(row: Model, fields: Iterable[object]) -> list[object]:
    return [
        field.get_db_prep_save(getattr(row, field.attname), connection)  # type: ignore[attr-defined]
        for field in fields
    ]
