import importlib.util
import subprocess
import sys
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
