"""Files of runs, the real ones among them."""

import ast
import json
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.connectors.actions import Imported, import_runs
from agents.connectors.formats import BadFile
from agents.connectors.models import GroundTruth
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.runs import invariants
from agents.runs.models import Run, RunException, Step
from audit.models import AuditEvent
from tests.cast import Cast
from tests.ingest.documents import a_run
from tests.ingest.traces import a_trace

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ROOT = Path(__file__).resolve().parents[2]
TAU, WHO = DATA / "tau-airline/gpt-4o-runs.json", DATA / "who-and-when/failures.jsonl"
real = pytest.mark.skipif(not DATA.exists(), reason="the real runs are not on this machine")


def command(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("import_runs", *arguments, stdout=out, stderr=out)
    return out.getvalue().splitlines()


@real
def test_a_hundred_real_conversations_come_in_once(cast: Cast) -> None:
    arguments = (str(TAU), "--format", "tau-bench", "--agent", "refund-agent")
    assert command(*arguments) == [
        "18 × handoff",
        "100 runs, 2286 steps, 0 skipped duplicates, 0 rejected rows",
    ]
    assert command(*arguments) == ["0 runs, 0 steps, 100 skipped duplicates, 0 rejected rows"]
    assert (Run.objects.count(), Step.objects.count(), GroundTruth.objects.count()) == (100, 2286, 100)
    assert Step.objects.filter(kind="tool").count() == 621
    assert Step.objects.filter(state="failed", error__startswith="Error").count() == 63
    assert AuditEvent.objects.filter(verb="run.reported").count() == 100
    assert [said for _name, check in invariants.INVARIANTS for said in check()] == []


@real
def test_sixty_five_real_failures_come_in_once(cast: Cast) -> None:
    arguments = (str(WHO), "--format", "who-and-when", "--agent", "refund-agent")
    assert command(*arguments) == ["65 runs, 1341 steps, 0 skipped duplicates, 0 rejected rows"]
    assert command(*arguments) == ["0 runs, 0 steps, 65 skipped duplicates, 0 rejected rows"]
    truth = GroundTruth.objects.select_related("run").first()
    assert truth
    assert truth.run.steps.filter(key=f"{int(truth.data['mistake_step']):04d}").exists()


@real
def test_nothing_of_the_ground_truth_is_in_a_run(cast: Cast) -> None:
    for file, format in ((TAU, "tau-bench"), (WHO, "who-and-when")):
        import_runs(cast.agent, file.read_bytes(), format=format)
    for truth in GroundTruth.objects.select_related("run"):
        run = truth.run
        told = json.dumps([run.input, run.result, run.title, run.reason, run.flags])
        told += json.dumps(list(run.steps.values_list("input", "output", "error", "reason")))
        hidden = [truth.data.get("mistake_reason"), truth.data.get("info", {}).get("task", {}).get("instruction")]
        assert not [text for text in hidden if text and json.dumps(text)[1:-1] in told]
        assert '"reward"' not in told


def test_only_importer_and_bench_read_the_ground_truth() -> None:
    allowed = {"agents/connectors/models", "agents/connectors/migrations", "agents/connectors/actions/importing.py"}
    folders = ("agents", "audit", "campaigns", "console")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    found = {
        str(file.relative_to(ROOT)) for file in files if "groundtruth" in file.read_text().lower().replace("_", "")
    }
    assert {name for name in found if not name.startswith(tuple(allowed))} == set()
    assert "GroundTruth" in ast.dump(ast.parse((ROOT / "agents/connectors/actions/importing.py").read_text()))


def test_json_lines_name_what_is_wrong_with_which_line(cast: Cast) -> None:
    lines = [json.dumps(a_run()), "{", "", json.dumps(a_run(status="done!!")), "[1]", json.dumps(a_run("R-2"))]
    done = import_runs(cast.agent, "\n".join(lines).encode(), format="jsonl")
    assert (done.runs, done.steps, done.skipped) == (2, 6, 0)
    assert [place for place, _why in done.rejected] == [2, 5, 4]


CSV = """external_id,title,status,input,cost,step,kind,step_output,step_error,latency_ms
A-1,First,done,Where is it?,0.0105,look_up,tool,"{""paid"": true}",,120
A-1,,,,,assistant,role,On its way.,,80
A-2,Second,failed,Hello,,,,,,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_has_a_row_a_step(cast: Cast, encoding: str) -> None:
    done = import_runs(cast.agent, CSV.replace("Hello", "¿Sí?").encode(encoding), format="csv")
    assert (done.runs, done.steps, done.exceptions) == (2, 2, Counter(failure=1))
    first, second = Run.objects.order_by("external_id")
    assert (first.cost_micros, first.steps_done, second.input) == (10_500, 2, {"text": "¿Sí?"})


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"title\nx\n",
        b"external_id,colour\nA,red\n",
        b'external_id,title\n"A,x\n',
        b"PK\x03\x04",
        b"external_id\nA\x00\n",
        b"[1]",
    ],
)
def test_a_table_that_is_none_says_so(cast: Cast, table: bytes) -> None:
    with pytest.raises(BadFile):
        import_runs(cast.agent, table, format="csv")


def test_a_row_with_too_few_cells_is_named(cast: Cast) -> None:
    done = import_runs(cast.agent, b"external_id,title\nA\nB,x\n", format="csv")
    assert (done.runs, [place for place, _why in done.rejected]) == (1, [2])


@pytest.mark.parametrize("format", ["tau-bench", "who-and-when", "jsonl"])
@pytest.mark.parametrize(
    "entry", [{}, {"traj": []}, {"traj": 7, "history": 7, "question": 1}, {"history": [{}]}, 7, None]
)
def test_what_is_no_run_is_rejected_in_its_place(cast: Cast, format: str, entry: Any) -> None:
    data = json.dumps([entry] if format == "tau-bench" else entry).encode()
    done = import_runs(cast.agent, data, format=format)
    assert (done.runs, [place for place, _why in done.rejected]) == (0, [1])


def test_an_unknown_agent_is_refused_unless_it_is_to_be_made(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    file.write_text(json.dumps(a_run()))
    arguments = (str(file), "--format", "jsonl", "--agent", "airline")
    with pytest.raises(CommandError, match="--create"):
        command(*arguments)
    with pytest.raises(CommandError, match="--owner"):
        command(*arguments, "--create")
    owners = ("--owner", cast.owner.email, "--owner", cast.second.email)
    assert command(*arguments, "--create", *owners)[-1].startswith("1 runs, 3 steps")
    agent = Agent.objects.get(slug="airline")
    assert (agent.lifecycle, agent.owners.count()) == (Lifecycle.ONBOARDING, 2)
    assert command(*arguments)[-1] == "0 runs, 0 steps, 1 skipped duplicates, 0 rejected rows"


def test_the_importer_counts(cast: Cast) -> None:
    assert import_runs(cast.agent, b"", format="jsonl") == Imported()
    assert RunException.objects.count() == 0


def test_a_collector_s_file_of_traces_becomes_runs(cast: Cast) -> None:
    """A trace may be cut into several lines; a line that is none is named."""
    whole = a_trace("anybody")
    scope = whole["resourceSpans"][0]["scopeSpans"][0]
    root, *inner = scope["spans"]
    lines = []
    for spans in (inner, [root]):
        scope["spans"] = spans
        lines.append(json.dumps(whole))
    done = import_runs(cast.agent, "\n".join([*lines, "{"]).encode(), format="otlp")
    assert (done.runs, done.steps, [place for place, _why in done.rejected]) == (1, 2, [3])
