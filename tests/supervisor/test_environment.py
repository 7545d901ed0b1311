import json
import os
from pathlib import Path

import pytest

from console.supervisor import environment, home, ports, state
from console.supervisor.given import Refused


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    first = home.kept_secrets(tmp_path)

    assert home.kept_secrets(tmp_path) == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_a_newer_version_needs_is_added_to_the_kept_ones(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"secret_key": "old"}))

    kept = home.kept_secrets(tmp_path)

    assert kept["secret_key"] == "old"
    assert kept["redis_password"]


def test_a_given_key_wins_over_the_kept_one(tmp_path: Path) -> None:
    env = {"SECRET_KEY": "given"}

    environment.use_secrets(env, home.kept_secrets(tmp_path))

    assert env["SECRET_KEY"] == "given"
    assert env["ENCRYPTION_KEYS"].startswith("k1:")


def test_without_a_model_key_the_rehearsal_is_the_model(local: Path) -> None:
    env: dict[str, str] = {}

    port = environment.use_rehearsal(env)

    assert env["OPENAI_API_KEY"] == "rehearsal"
    assert env["OPENAI_BASE_URL"] == f"http://127.0.0.1:{port}/v1"
    assert env["EGRESS_ALLOW"] == f"127.0.0.1:{port}"


def test_with_a_model_key_the_rehearsal_only_plays_vendors(local: Path) -> None:
    env = {"OPENAI_API_KEY": "given", "EGRESS_ALLOW": "10.0.0.1:443"}

    port = environment.use_rehearsal(env)

    assert env["OPENAI_API_KEY"] == "given"
    assert "OPENAI_BASE_URL" not in env
    assert env["EGRESS_ALLOW"] == f"10.0.0.1:443,127.0.0.1:{port}"


def test_a_model_key_somebody_gave_is_not_written_down(local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "given")

    environment.remember(dict(os.environ))

    assert "given" not in (local / "state.json").read_text()


def test_an_address_stays_the_same_at_the_next_start(local: Path) -> None:
    port = ports.any_free()
    state.update(rehearsal_url=f"http://127.0.0.1:{port}")

    assert environment.use_rehearsal({}) == port


def test_a_database_with_one_role_is_told_from_one_with_two() -> None:
    assert environment.has_one_role({"DATABASE_URL": "postgresql://a@b/c"})
    assert not environment.has_one_role(
        {"DATABASE_URL": "postgresql://a@b/c", "DATABASE_OWNER_URL": "postgresql://o@b/c"}
    )


@pytest.mark.parametrize("text", ["eight", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="PORT must be a number from 1 to 65535"):
        environment.wanted_port({"PORT": text})


def test_the_port_is_8000_unless_one_is_given() -> None:
    assert environment.wanted_port({}) == 8000
    assert environment.wanted_port({"PORT": "9001"}) == 9001


@pytest.mark.parametrize(
    ("value", "wanted"), [("0", False), ("no", False), ("False", False), ("1", True), ("yes", True)]
)
def test_demo_is_turned_off_by_a_word_for_no(value: str, wanted: bool) -> None:
    assert environment.demo_wanted({"DEMO": value}) is wanted
