"""The separate process: one line when it listens, gone within a second, a plain sentence when it cannot start."""

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.rehearsal.fixtures import Rehearsal

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


def launched(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "agents.rehearsal", *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_even_while_a_request_hangs(sent: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"kind": "hang"}]))
    with launched("--port", "0", "--script", str(script)) as process:
        assert process.stdout is not None
        told = re.fullmatch(r"rehearsal listening on http://127\.0\.0\.1:(\d+)\n", process.stdout.readline())
        assert told is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(told[1]), timeout=60)
        connection.request("POST", "/v1/chat/completions", '{"model": "m", "messages": [{"role": "user"}]}')
        time.sleep(0.1)
        process.send_signal(sent)
        assert process.wait(60) == 0
        connection.close()


def test_a_busy_port_is_one_plain_sentence(rehearsal: Rehearsal) -> None:
    with launched("--port", str(rehearsal.port)) as process:
        told = process.communicate(timeout=60)
    assert (process.returncode, told[0]) == (2, "")
    assert re.fullmatch(r"Cannot start: .*address already in use.*\n", told[1])


def test_it_needs_nothing_of_ours_and_no_framework() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import agents.rehearsal.server, sys; print(*sys.modules)"],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
    ).stdout.split()
    ours = {name for name in loaded if name.split(".")[0] in ("agents", "audit", "campaigns", "console")}
    assert {name for name in ours if not name.startswith("agents.rehearsal")} == {"agents"}
    assert not {"django", "celery", "openai"} & set(loaded)
