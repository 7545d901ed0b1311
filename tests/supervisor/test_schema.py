import os
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from console.supervisor import schema


@pytest.fixture
def url() -> Iterator[str]:
    """A database of its own with three migrations applied."""
    owner, name = os.environ["DATABASE_OWNER_URL"], f"schema_{uuid4().hex}"
    execute(owner, f"CREATE DATABASE {name}")
    place = f"{owner.rsplit('/', 1)[0]}/{name}"
    execute(place, "CREATE TABLE django_migrations AS SELECT generate_series(1, 3) AS id")
    yield place
    execute(owner, f"DROP DATABASE {name}")


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def test_an_empty_database_is_migrated(url: str) -> None:
    assert not schema.is_new(url)
    execute(url, "DROP TABLE django_migrations")

    assert schema.is_new(url)
    assert not schema.is_current(url)


def test_a_database_without_a_note_is_migrated(url: str) -> None:
    assert not schema.is_current(url)


def test_a_migrated_database_is_known_the_next_time(url: str) -> None:
    schema.mark_current(url)

    assert schema.is_current(url)


def test_another_set_of_migrations_is_seen(url: str) -> None:
    schema.mark_current(url)
    execute(url, "COMMENT ON TABLE django_migrations IS 'of-another-day 3'")

    assert not schema.is_current(url)


def test_a_migration_taken_back_by_hand_is_seen(url: str) -> None:
    schema.mark_current(url)
    execute(url, "DELETE FROM django_migrations WHERE id = 3")

    assert not schema.is_current(url)
