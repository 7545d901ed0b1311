"""Child processes that never outlive the process that started them."""

import ctypes
import os
import pwd
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
FAULT = re.compile(r"^[\w.]*(Error|Exception|Configured|Failed): |FATAL: ")


class ServiceFailed(Exception):
    """A service did not start; the text is one plain sentence for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """The system user a service runs as."""

    uid: int
    gid: int


def service_account() -> Account | None:
    """`nobody` when we are root, for PostgreSQL refuses root and no service needs it; else ourselves (None)."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def spawn(
    command: Sequence[str | Path],
    log: Path,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    cwd: Path = Path("/"),
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session, output appended to `log`; call it from the main thread.

    On Linux the child gets `death_signal` when the calling thread ends, even by SIGKILL.
    """
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if env is None else dict(env),
            start_new_session=True,
            preexec_fn=_dies_with_parent(death_signal),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def _dies_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def apply() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return apply


def stop(process: subprocess.Popen[bytes], how: signal.Signals, seconds: float) -> int:
    """Ask with `how`, kill the whole group after `seconds`; return the exit status."""
    if process.poll() is None:
        process.send_signal(how)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    end_group(process)
    return process.wait()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the session of `process`, such as the pool of a worker that died."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def last_words(log: Path) -> str:
    """The last fault a service wrote, else its last line, for the sentence that says why it failed."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    faults = [line for line in lines if FAULT.search(line)]
    return (faults or lines or ["it wrote nothing"])[-1].strip()
