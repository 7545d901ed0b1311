import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from console.supervisor.state import ROOT


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module whose `.venv` is in a temporary folder; installing only notes the lock."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "tools" / "bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    python = tmp_path / "python"
    python.touch()
    synced: list[str] = []
    for name, value in {"PYTHON": python, "VENV_STAMP": tmp_path / "stamp", "synced": synced}.items():
        monkeypatch.setattr(module, name, value, raising=False)
    monkeypatch.setattr(module, "sync", lambda _python, lock: synced.append(lock.name))
    return module


def test_packages_are_installed_once_for_a_lock(bootstrap: ModuleType) -> None:
    bootstrap.prepare_venv(dev=False)
    bootstrap.prepare_venv(dev=False)

    assert bootstrap.synced == ["requirements.lock"]


def test_a_changed_lock_is_installed_again(bootstrap: ModuleType) -> None:
    bootstrap.prepare_venv(dev=False)
    bootstrap.VENV_STAMP.write_text("run of-another-day")

    bootstrap.prepare_venv(dev=False)

    assert bootstrap.synced == ["requirements.lock"] * 2


def test_up_leaves_a_development_environment_a_development_environment(bootstrap: ModuleType) -> None:
    bootstrap.prepare_venv(dev=True)
    bootstrap.prepare_venv(dev=False)
    bootstrap.VENV_STAMP.write_text("dev of-another-day")
    bootstrap.prepare_venv(dev=False)

    assert bootstrap.synced == ["requirements-dev.lock"] * 2


def test_a_development_environment_grows_out_of_a_runtime_one(bootstrap: ModuleType) -> None:
    bootstrap.prepare_venv(dev=False)
    bootstrap.prepare_venv(dev=True)

    assert bootstrap.synced == ["requirements.lock", "requirements-dev.lock"]


@pytest.mark.parametrize("wheel", [None, "pip-0-py3-none-any.whl"], ids=["none", "one without pip in it"])
def test_pip_is_installed_at_length_where_the_wheel_that_python_brings_is_no_use(
    bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wheel: str | None
) -> None:
    if wheel:
        with zipfile.ZipFile(tmp_path / wheel, "w"):
            pass
    commands: list[tuple[str, ...]] = []
    folder = tmp_path / "venv"
    names = {
        "VENV": folder,
        "PYTHON": folder / "bin" / "python",
        "bundled_pip": lambda: wheel and tmp_path / wheel,
        "run": lambda *command: commands.append(command),
    }
    for name, value in names.items():
        monkeypatch.setattr(bootstrap, name, value)

    bootstrap.make_venv()

    assert [command[1:3] for command in commands] == [("-m", "venv"), ("-m", "pip")]


def test_python_brings_a_wheel_of_pip(bootstrap: ModuleType) -> None:
    wheel = bootstrap.bundled_pip()

    assert wheel.name.startswith("pip-")


@pytest.mark.slow
def test_an_old_python_is_refused_in_one_sentence() -> None:
    pretend = (
        "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_path('tools/bootstrap.py', run_name='__main__')"
    )

    done = subprocess.run([sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Rollcall needs Python 3.11 or newer; this is Python 3.9. Point to one with: make PYTHON=python3.12 up"
    ]
