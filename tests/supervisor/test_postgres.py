import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console.supervisor import binaries, postgres
from console.supervisor.postgres import Postgres


def test_the_application_may_not_make_tables() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (postgres.APP,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_the_owner_may_act_as_the_application() -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute(f"SET ROLE {postgres.APP}")
        assert connection.execute("SELECT current_user, session_user").fetchone() == (postgres.APP, postgres.OWNER)


@pytest.fixture
def system_postgres(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's own PostgreSQL, as on a machine for which no package exists."""
    if not any(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        pytest.skip("this machine has no PostgreSQL of its own")
    monkeypatch.setattr(binaries, "PACKAGES", ())
    return binaries.postgres_bin()


@pytest.fixture
def cluster(system_postgres: Path) -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o711)  # for the service account
        cluster = Postgres(home, home / "log", settings=postgres.THROW_AWAY)
        yield cluster
        cluster.stop()


@pytest.mark.slow
def test_without_a_package_the_systems_postgres_serves(cluster: Postgres) -> None:
    cluster.start()
    cluster.prepare("owner", "first")
    cluster.prepare("owner", "second")

    with psycopg.connect(cluster.url(postgres.APP, "second")) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.url(postgres.APP, "first"))
