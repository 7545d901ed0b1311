"""The command line of every process of the console."""

import sys
from pathlib import Path

from console.supervisor.ports import LOOPBACK

CELERY = (sys.executable, "-m", "celery", "-A")
GRACE_SECONDS = "2"


def manage(*arguments: str) -> tuple[str, ...]:
    """A command of manage.py."""
    return (sys.executable, "manage.py", *arguments)


def web(port: int) -> tuple[str, ...]:
    """Pages and the live stream; open streams end on SIGTERM (console.live), pages get two seconds.

    Whoever connects is who it is: uvicorn would believe an X-Forwarded-For of everybody on this machine, and guessing a
    password from ever new addresses would never be locked out.
    """
    serve = (sys.executable, "-m", "uvicorn", "console.asgi:application", "--host", LOOPBACK, "--port", str(port))
    serve_alone = (*serve, "--no-proxy-headers")
    return (*serve_alone, "--lifespan", "on", "--timeout-graceful-shutdown", GRACE_SECONDS, "--no-access-log")


def worker(queue: str, processes: int) -> tuple[str, ...]:
    """A Celery worker for one queue; the chatter between workers costs a second at start and serves nothing here."""
    options = ("--pool", "prefork", "-c", str(processes), "--without-gossip", "--without-mingle", "-l", "INFO")
    return (*CELERY, "console", "worker", "-Q", queue, "-n", f"{queue}@%h", *options)


def beat(folder: Path) -> tuple[str, ...]:
    """The housekeeping clock; teams' schedules are rows."""
    return (*CELERY, "console.celery:clock", "beat", "-s", str(folder / "beat"), "--pidfile", "", "-l", "INFO")


def rehearsal(port: int) -> tuple[str, ...]:
    """The stand-in model and demo vendors."""
    return (sys.executable, "-m", "agents.rehearsal", "--port", str(port))
