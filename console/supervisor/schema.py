"""Whether a database has had the migrations of this checkout, noted in the database itself.

The note is the comment on Django's own table of migrations, so that it goes wherever the database goes: starting a
second time then costs one query instead of three seconds.
"""

import psycopg
from psycopg import sql

from console.supervisor.assets import fingerprint
from console.supervisor.state import ROOT

SOURCES = ("requirements.lock", "console/settings.py")
FOLDERS = ("agents", "audit", "campaigns", "console")
NOTE = "SELECT obj_description(to_regclass('django_migrations'), 'pg_class')"
WRITE_NOTE = sql.SQL("COMMENT ON TABLE django_migrations IS {}")
COUNT = "SELECT count(*) FROM django_migrations"


def is_current(url: str) -> bool:
    """Whether the database at `url` has exactly our migrations."""
    with psycopg.connect(url) as connection:
        note = connection.execute(NOTE).fetchone()
        return bool(note and note[0]) and note == (_note(connection),)


def is_new(url: str) -> bool:
    """Whether the database at `url` never had a migration."""
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT to_regclass('django_migrations') IS NULL").fetchone() == (True,)


def mark_current(owner_url: str) -> None:
    """Note that the database has exactly our migrations; only the owner may."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(WRITE_NOTE.format(sql.Literal(_note(connection))))


def _note(connection: psycopg.Connection) -> str:
    """Our files, and how many migrations the database counts: one taken back by hand must not go unseen."""
    files = [ROOT / name for name in SOURCES]
    files += [file for folder in FOLDERS for file in (ROOT / folder).rglob("migrations/*.py")]
    counted = connection.execute(COUNT).fetchone()
    return f"{fingerprint(files)} {counted[0] if counted else 0}"
