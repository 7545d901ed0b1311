import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.supervisor import given, ports
from console.supervisor.given import Refused
from console.supervisor.state import ROOT


def test_the_database_of_this_session_is_accepted() -> None:
    assert given.check_database("DATABASE_URL", os.environ["DATABASE_URL"]) is None  # type: ignore[func-returns-value]


def test_the_redis_of_this_session_is_accepted() -> None:
    assert given.check_redis(os.environ["REDIS_URL"]) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:secret@127.0.0.1/x", "postgresql://u:secret@127.0.0.1:5432"])
def test_an_address_of_another_shape_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Refused, match=r"^DATABASE_URL must look like postgresql://user:password@host:port/name\.$"):
        given.check_database("DATABASE_URL", url)


@pytest.mark.parametrize("place", ["127.0.0.1:{port}/x", "127.0.0.1:notaport/x"])
def test_a_wrong_database_is_refused_in_one_sentence(place: str) -> None:
    with pytest.raises(Refused) as refusal:
        given.check_database("DATABASE_URL", "postgresql://u:secret@" + place.format(port=ports.any_free()))

    assert str(refusal.value).startswith("DATABASE_URL does not lead to a PostgreSQL we can use: ")
    assert "\n" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["nonsense", "redis://127.0.0.1:{port}/0", "http://127.0.0.1/"])
def test_a_wrong_redis_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(Refused, match=r"^REDIS_URL does not lead to a Redis we can use: [^\n]+\.$"):
        given.check_redis(url.format(port=ports.any_free()))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_up_says_a_wrong_address_in_one_sentence_and_exits_with_2(tmp_path: Path, name: str) -> None:
    wrong = {"DATABASE_URL": "postgresql://x:x@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0"}[name]
    env = os.environ | {"ROLLCALL_LOCAL": str(tmp_path), name: wrong}

    done = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr.startswith(f"{name} does not lead to")
    assert len(done.stderr.splitlines()) == 1
