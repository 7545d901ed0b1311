"""A fresh clone of what is committed, with an empty home: what somebody has who starts here."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stand import Stand
from console.supervisor import state

# A virtual environment or a cache of ours would make it less than nothing.
OURS = ("VIRTUAL_ENV", "UV_CACHE_DIR", "PIP_CACHE_DIR", "npm_config_cache", "XDG_CACHE_HOME", *state.ENVIRONMENT)


@dataclass(frozen=True)
class Clone:
    """The checkout and the environment to use it in."""

    folder: Path
    env: dict[str, str]
    log: Path

    def make(self, target: str, **variables: str) -> subprocess.Popen[bytes]:
        """`make target`, in a process group of its own, as at a terminal."""
        with self.log.open("ab") as out:
            return subprocess.Popen(
                ("make", target),
                cwd=self.folder,
                env=self.env | variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextmanager
def clone(stand: Stand) -> Iterator[Clone]:
    """A clone that is gone afterwards, with whatever `make up` made for it elsewhere."""
    with tempfile.TemporaryDirectory(prefix="rollcall-clone-") as folder:
        checkout, home = Path(folder, "rollcall"), Path(folder, "home")
        home.mkdir()
        subprocess.run(("git", "clone", "-q", state.ROOT, checkout), check=True)
        env = {name: value for name, value in stand.given.items() if name not in OURS}
        path = os.pathsep.join(part for part in env["PATH"].split(os.pathsep) if not part.startswith(str(state.ROOT)))
        made = Clone(checkout, env | {"HOME": str(home), "PATH": path}, stand.home / "clone.log")
        try:
            yield made
        finally:
            subprocess.run(("make", "clean"), cwd=checkout, env=made.env, check=False)
