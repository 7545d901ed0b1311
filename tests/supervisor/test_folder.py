from pathlib import Path

import pytest

from console.supervisor import folder, state
from console.supervisor.given import Refused


def test_a_second_up_is_told_where_the_first_one_runs(local: Path) -> None:
    with folder.only_one():
        state.update(url="http://127.0.0.1:8000")
        with (
            pytest.raises(Refused, match=r"already runs from this folder, at http://127\.0\.0\.1:8000"),
            folder.only_one(),
        ):
            pass


def test_the_folder_is_free_again_afterwards(local: Path) -> None:
    with folder.only_one():
        pass
    with folder.only_one():
        assert (local / "up.lock").exists()


def test_the_logs_of_the_last_start_are_kept(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("last time")

    folder.rotate(tmp_path)

    assert [log.name for log in tmp_path.iterdir()] == ["web.log.1"]
