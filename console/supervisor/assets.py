"""What is made from files of the checkout before the web process starts: message catalogues and static files."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from console.supervisor.state import ROOT

LOCALE = ROOT / "locale"
STATIC = ROOT / "static"
COLLECTED = ROOT / "staticfiles"
STATIC_SOURCES = ("package-lock.json", "requirements.lock", "console/settings.py", "console/static.py")


def compile_messages(folder: Path = LOCALE) -> int:
    """Compile every catalogue older than its source; return how many. Catalogues are cached by a running process."""
    stale = [po for po in sorted(folder.glob("*/LC_MESSAGES/*.po")) if _is_stale(po)]
    for po in stale:
        with po.open("rb") as source, po.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))
    return len(stale)


def collect_static(run: Callable[[], None]) -> bool:
    """Call `run` (collectstatic) when a lock or a file of `static/` changed; return whether it was called."""
    stamp, wanted = COLLECTED / ".stamp", fingerprint(_static_files())
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    run()
    stamp.write_text(wanted)
    return True


def fingerprint(files: Iterable[Path]) -> str:
    """One hash over the names and contents of `files`."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _static_files() -> list[Path]:
    return [ROOT / name for name in STATIC_SOURCES] + [file for file in STATIC.rglob("*") if file.is_file()]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime
