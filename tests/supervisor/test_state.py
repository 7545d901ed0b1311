from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console.supervisor import state


def test_without_a_state_nothing_is_known(local: Path) -> None:
    assert state.load() == {}


def test_the_state_is_readable_by_its_owner_only(local: Path) -> None:
    state.update(url="http://127.0.0.1:8000")

    assert (local / "state.json").stat().st_mode & 0o777 == 0o600
    assert local.stat().st_mode & 0o777 == 0o700


def test_an_update_keeps_what_others_wrote(local: Path) -> None:
    state.update(logins={"manager": {"email": "a@example.com", "password": "x"}})
    state.update(port=8000)

    assert state.read()["logins"]["manager"]["email"] == "a@example.com"
    assert state.read()["port"] == 8000


def test_updates_at_the_same_moment_lose_nothing(local: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: state.update(**{f"key{number}": number}), range(8)))

    assert state.read() == {f"key{number}": number for number in range(8)}


def test_the_state_has_the_shape_of_an_environment(local: Path) -> None:
    state.update(database_url="postgresql://a/b", redis_url="", port=8000)

    assert state.load() == {"DATABASE_URL": "postgresql://a/b"}


@pytest.mark.parametrize(
    ("given", "dropped"),
    [
        ("DATABASE_URL", "DATABASE_OWNER_URL"),
        ("OPENAI_API_KEY", "OPENAI_BASE_URL"),
        ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
    ],
)
def test_a_given_address_is_not_mixed_with_the_embedded_one(
    local: Path, monkeypatch: pytest.MonkeyPatch, given: str, dropped: str
) -> None:
    state.update(**{given.lower(): "embedded", dropped.lower(): "embedded"})
    assert dropped in state.load()

    monkeypatch.setenv(given, "given")

    assert dropped not in state.load()
