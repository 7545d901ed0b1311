"""What `up` knows about this checkout, kept in `.local/state.json` (0600) for settings, scripts and browser tests.

Imports nothing of Django: settings read it. The environment always wins over the file.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "REHEARSAL_URL",
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "EGRESS_ALLOW",
    "SETUP_CODE",
)
# A value the user gives makes its companion in the file wrong: that one belongs to the embedded service.
COMPANIONS = {
    "DATABASE_URL": "DATABASE_OWNER_URL",
    "OPENAI_API_KEY": "OPENAI_BASE_URL",
    "OPENAI_BASE_URL": "OPENAI_API_KEY",
}


def directory() -> Path:
    """`.local` of this checkout, or where ROLLCALL_LOCAL points to."""
    return Path(os.environ.get("ROLLCALL_LOCAL") or ROOT / ".local")


def read() -> dict[str, Any]:
    """The whole state; empty when `up` never ran here."""
    try:
        return dict(json.loads((directory() / "state.json").read_text()))
    except FileNotFoundError:
        return {}


def load() -> dict[str, str]:
    """The state in the shape of an environment: what a process may take for variables it was not given."""
    state = read()
    found = {name: str(state[name.lower()]) for name in ENVIRONMENT if state.get(name.lower())}
    for given, companion in COMPANIONS.items():
        if os.environ.get(given):
            found.pop(companion, None)
    return found


def update(**values: Any) -> None:
    """Merge `values` (JSON-able) into the state; safe against other processes and against a crash half way."""
    with _locked():
        write_private(
            directory() / "state.json",
            json.dumps(read() | values, indent=2, sort_keys=True) + "\n",
        )


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file only its owner can read, in one step."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def _locked() -> Iterator[None]:
    directory().mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(directory() / "state.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
