import gettext
import os
from pathlib import Path

import pytest

from console.supervisor import assets

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Queue"\nmsgstr "Cola"\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO)
    return folder / "django.po"


def test_a_catalogue_is_compiled_so_that_gettext_reads_it(tmp_path: Path, source: Path) -> None:
    assert assets.compile_messages(tmp_path) == 1
    assert gettext.translation("django", tmp_path, ["es"]).gettext("Queue") == "Cola"


def test_a_fresh_catalogue_is_left_alone_and_an_older_one_is_not(tmp_path: Path, source: Path) -> None:
    assets.compile_messages(tmp_path)
    assert assets.compile_messages(tmp_path) == 0

    os.utime(source.with_suffix(".mo"), (0, 0))

    assert assets.compile_messages(tmp_path) == 1


def test_static_files_are_collected_only_when_their_sources_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    monkeypatch.setattr(assets, "COLLECTED", tmp_path)

    first = assets.collect_static(lambda: runs.append(1))
    second = assets.collect_static(lambda: runs.append(1))

    assert (first, second, len(runs)) == (True, False, 1)


def test_a_fingerprint_changes_with_the_content(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    before = assets.fingerprint([tmp_path / "a.css"])

    (tmp_path / "a.css").write_text("b")

    assert assets.fingerprint([tmp_path / "a.css"]) != before
