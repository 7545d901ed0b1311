"""G34 and G35: an auditor verifies without our code, and erasure does not break the proof."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import QuerySet

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid
from agents.base.ids import uuid7
from audit import standalone
from audit.actions import export_csv, export_jsonl, redact
from audit.models import AuditEvent, AuditPayload
from audit.sealing import seal
from audit.verbs import EXPORTED, REDACTED
from audit.verification import verify
from tests.audit.conftest import Say, cheating

committed = pytest.mark.django_db(transaction=True)
AUDITOR = Actor("person", uuid7(), "Aron")


@pytest.fixture
def export(tmp_path: Path, say: Say) -> Path:
    """The whole trail of two seals, and one event that is not sealed yet."""
    for _ in range(2):
        say(5)
        seal()
    say(1)
    return write(tmp_path / "export.jsonl", AuditEvent.objects.all(), whole=True)


def write(path: Path, events: QuerySet[AuditEvent], *, whole: bool) -> Path:
    path.write_text("".join(export_jsonl(events, actor=AUDITOR, team_id=None, whole=whole)))
    return path


def edit(path: Path, change: Callable[[list[dict[str, Any]]], Any]) -> Path:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@committed
def test_another_machine_verifies_with_python_alone(export: Path, heads: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for file in (Path(standalone.__file__), export, heads):
        shutil.copy(file, elsewhere)
    command = [sys.executable, "-I", "standalone.py", "export.jsonl", "heads.jsonl"]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "INTACT" in done.stdout
    assert "12 events" in done.stdout


CHANGES: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "edited": lambda lines: lines[5].update(actor_label="somebody else"),
    "said otherwise": lambda lines: lines[5]["payload"].update(body={"note": "nothing"}),
    "left out": lambda lines: lines.pop(5),
    "twice": lambda lines: lines.insert(6, lines[5]),
    "proof taken away": lambda lines: lines[5].update(proof=None),
    "no such place": lambda lines: lines[5]["proof"].update(index=-1),
    "seal changed": lambda lines: lines[1].update(events=4),
    "tail cut off": lambda lines: [lines.pop(place) for place in (*range(13, 7, -1), 2)],
    "silenced": lambda lines: lines[5].update(payload=None),
}


@committed
def test_the_verifier_finds_whatever_was_changed_in_an_export(
    export: Path, heads: Path, tmp_path: Path, capsys: Any
) -> None:
    for name, change in CHANGES.items():
        changed = edit(Path(shutil.copy(export, tmp_path / "changed.jsonl")), change)
        assert standalone.main([str(changed), str(heads)]) == 1, name
        assert "NOT INTACT" in capsys.readouterr().out


@committed
def test_the_verifier_holds_an_export_of_a_rebuilt_trail_against_the_published_heads(
    export: Path, heads: Path, capsys: Any
) -> None:
    published = [json.loads(line) for line in heads.read_text().splitlines()]
    heads.write_text("".join(json.dumps({**line, "head": "e" * 64}) + "\n" for line in published))
    assert standalone.main([str(export), str(heads)]) == 1
    assert "published" in capsys.readouterr().out


@committed
def test_a_head_published_after_the_export_was_made_is_not_judged(
    export: Path, heads: Path, say: Say, capsys: Any
) -> None:
    say(2)
    seal()
    assert standalone.main([str(export), str(heads)]) == 0
    assert "1 published seals are newer than the export" in capsys.readouterr().out


@committed
def test_without_heads_the_verifier_says_what_it_did_not_see(export: Path, capsys: Any) -> None:
    assert standalone.main([str(export)]) == 0
    assert "no published heads were given" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "not json", '{"kind": "other"}\n', '{"kind": "rollcall-audit-1"}\n'])
def test_what_is_no_export_is_said_to_be_none(content: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "wrong"
    path.write_text(content)
    assert standalone.main([str(path)]) == 2
    assert "cannot read" in capsys.readouterr().out


@committed
def test_a_part_of_the_trail_proves_what_it_gives(export: Path, heads: Path, say: Say, capsys: Any) -> None:
    team = uuid7()
    say(3, team_id=team)
    seal()
    write(export, AuditEvent.objects.filter(team_id=team), whole=False)
    assert standalone.main([str(export), str(heads)]) == 0
    assert "3 events" in capsys.readouterr().out


@committed
def test_the_command_exports_what_was_asked_and_leaves_a_record(say: Say, tmp_path: Path, heads: Path) -> None:
    (event, *_rest) = say(4)
    out = tmp_path / "one.jsonl"
    asked = {"--team": event.team_id, "--from": "2000-01-01", "--to": "2100-01-01", "--out": out}
    call_command("audit_export", *(f"{name}={value}" for name, value in asked.items()))
    assert standalone.main([str(out), str(heads)]) == 0
    said = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["verb"] for line in said if line["kind"] == "event"] == ["test.tried"] * 4 + [EXPORTED]


@committed
def test_erasing_keeps_the_proof_and_is_an_event_itself(say: Say, export: Path, heads: Path) -> None:
    (event,) = say(1, name="Jane Doe")
    seal()
    done = redact(event, actor=AUDITOR, reason="Article 17 request")
    seal()
    report = verify()
    assert (report.findings, report.redacted) == ([], 1)
    assert (done.verb, done.object_id) == (REDACTED, event.pk)
    assert not AuditPayload.objects.filter(body__icontains="Jane").exists()
    assert standalone.main([str(write(export, AuditEvent.objects.all(), whole=True)), str(heads)]) == 0


@pytest.mark.django_db
def test_erasing_twice_or_without_a_reason_is_refused(say: Say) -> None:
    (event,) = say(1)
    with pytest.raises(Invalid):
        redact(event, actor=AUDITOR, reason="  ")
    redact(event, actor=AUDITOR, reason="asked")
    with pytest.raises(Conflict):
        redact(event, actor=AUDITOR, reason="asked again")


@pytest.mark.django_db
def test_no_cell_of_the_spreadsheet_is_a_formula(say: Say) -> None:
    say(1, object_label="=cmd|'/C calc'!A0")
    header, _own, row = export_csv(AuditEvent.objects.all(), actor=Actor("person", None, "@SUM(1)"), team_id=None)
    values = dict(zip(header, row, strict=True))
    assert values["label"] == "'=cmd|'/C calc'!A0"
    assert isinstance(values["seq"], int)


@committed
def test_the_verify_command_says_intact_and_fails_when_it_is_not(say: Say) -> None:
    (event, *_rest) = say(2)
    out = StringIO()
    call_command("audit_verify", stdout=out)
    assert "INTACT" in out.getvalue()
    with cheating() as cursor:
        cursor.execute("UPDATE audit_auditevent SET verb = 'x' WHERE id = %s", [event.pk])
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_verify", "--json", stdout=out)
    assert stopped.value.code == 1
    assert json.loads(out.getvalue())["first_bad"] == event.seq


@committed
def test_the_system_signs_for_what_nobody_asked(say: Say) -> None:
    call_command("audit_verify", stdout=StringIO())
    assert AuditEvent.objects.get().actor_label == SYSTEM.label
