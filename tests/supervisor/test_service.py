import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.supervisor.processes import last_words, spawn, stop
from console.supervisor.service import LONGEST_DELAY, Service, described, stop_all


def ended() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(["true"], start_new_session=True)
    process.wait()
    return process


def test_a_living_service_says_nothing(tmp_path: Path) -> None:
    service = Service("web", ended, spawn(["sleep", "60"], tmp_path / "log"))

    assert service.watch(1.0) is None
    stop(service.process, signal.SIGTERM, 1.0)


def test_a_dead_service_is_started_again_at_once_and_says_so() -> None:
    service = Service("web", ended, ended())

    assert service.watch(1.0) == "web ended (exit status 0); starting it again."
    assert (service.watch(1.0) or "").startswith("web started again")


def test_a_service_that_keeps_dying_is_started_ever_more_slowly() -> None:
    service, now, waits = Service("web", ended, ended()), 0.0, []
    for _ in range(8):
        service.watch(now)
        assert service.due is not None
        waits.append(service.due - now)
        now = service.due
        service.watch(now)

    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_DELAY, LONGEST_DELAY]


def test_a_minute_of_life_forgives_earlier_deaths() -> None:
    service = Service("web", ended, ended(), started=0.0, delay=16.0)

    service.watch(61.0)

    assert service.due == 61.0


def test_a_signal_is_told_from_an_exit_status() -> None:
    assert described(-9) == "signal 9"
    assert described(1) == "exit status 1"


def test_stopping_kills_what_does_not_listen(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    log = tmp_path / "log"
    service = Service("deaf", ended, spawn([sys.executable, "-c", deaf], log))
    while "deaf" not in log.read_text():
        assert service.process.poll() is None

    stop_all([service], 0.05)

    assert service.process.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    parent = (
        "import time; from pathlib import Path; from console.supervisor.processes import spawn; "
        f"print(spawn(['sleep', '60'], Path({str(tmp_path / 'log')!r})).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        process.kill()

    assert gone(child)


def gone(pid: int) -> bool:
    """Whether the process is no more, or is only waiting to be collected."""
    for _ in range(200):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().split()[2] == "Z":
            return True
        subprocess.run(["sleep", "0.01"], check=True)
    return False


def test_the_last_words_of_a_service_say_why_it_failed(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    assert last_words(log) == "it wrote nothing"

    log.write_text("starting\nstill starting\n\n")
    assert last_words(log) == "still starting"

    log.write_text('Traceback\nProgrammingError: column "x" does not exist\nLINE 1: x\n        ^\n')
    assert last_words(log) == 'ProgrammingError: column "x" does not exist'
