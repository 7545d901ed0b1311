"""Remove what `make up` made: the data of this checkout, the environment, the front-end files.

    python3 tools/clean.py

Refuses (exit status 2) while a console runs from here.
"""

import fcntl
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ROOT / ".local"
MADE = (LOCAL, ROOT / ".venv", ROOT / "node_modules", ROOT / "staticfiles")


def main() -> None:
    """Data first, for its place is written in `.local`."""
    if LOCAL.exists():
        refuse_while_running()
    state = LOCAL / "state.json"
    data = json.loads(state.read_text()).get("data_dir") if state.exists() else None
    for folder in filter(None, (data, *MADE)):
        shutil.rmtree(folder, ignore_errors=True)


def refuse_while_running() -> None:
    """End with a sentence when `up` holds its lock."""
    with (LOCAL / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Rollcall runs from this folder; stop it first.", file=sys.stderr)
            sys.exit(2)


if __name__ == "__main__":
    main()
