"""G31: whoever owns the database can rewrite it, but not unnoticed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.backends.utils import CursorWrapper

from audit.hashing import EMPTY, LINE, leaf, merkle_root, seal_head
from audit.models import AuditEvent, Seal
from audit.sealing import seal
from audit.verification import verify
from tests.audit.conftest import Say, cheating

pytestmark = pytest.mark.django_db(transaction=True)
EVENT = "UPDATE audit_auditevent SET"


@pytest.fixture
def trail(say: Say) -> list[AuditEvent]:
    """Three seals of ten events."""
    events = []
    for _ in range(3):
        events += say(10)
        seal()
    return events


def edit(cursor: CursorWrapper, trail: list[AuditEvent]) -> int:
    cursor.execute(f"{EVENT} actor_label = 'somebody else' WHERE seq = %s", [trail[13].seq])
    return trail[13].seq


def delete_from_the_middle(cursor: CursorWrapper, trail: list[AuditEvent]) -> int:
    cursor.execute("DELETE FROM audit_auditevent WHERE seq = %s", [trail[14].seq])
    return trail[14].seq


def swap(cursor: CursorWrapper, trail: list[AuditEvent]) -> int:
    first, second = trail[11], trail[12]
    cursor.execute(f"{EVENT} seq = -1 WHERE id = %s", [first.pk])
    cursor.execute(f"{EVENT} seq = %s WHERE id = %s", [first.seq, second.pk])
    cursor.execute(f"{EVENT} seq = %s WHERE id = %s", [second.seq, first.pk])
    return first.seq


def truncate_the_tail(cursor: CursorWrapper, trail: list[AuditEvent]) -> int:
    cursor.execute("DELETE FROM audit_auditevent WHERE seq >= %s", [trail[20].seq])
    cursor.execute("DELETE FROM audit_seal WHERE number = 3")
    return trail[20].seq


def edit_and_rebuild_everything(cursor: CursorWrapper, trail: list[AuditEvent]) -> int:
    edit(cursor, trail)
    rebuild(cursor)
    return trail[10].seq


def insert_backdated(cursor: CursorWrapper, trail: list[AuditEvent]) -> int:
    columns = "actor_kind, actor_label, verb, object_type, object_label, correlation_id, request_id, payload_sha256"
    cursor.execute(
        f"INSERT INTO audit_auditevent (id, seq, xid, at, {columns})"
        f" SELECT gen_random_uuid(), 1000000, xid, at, {columns} FROM audit_auditevent WHERE seq = %s",
        [trail[5].seq],
    )
    return 1000000


def change_a_sealed_root(cursor: CursorWrapper, trail: list[AuditEvent]) -> int:
    cursor.execute("UPDATE audit_seal SET root = %s WHERE number = 2", ["ab" * 32])
    return trail[10].seq


def rebuild(cursor: CursorWrapper) -> None:
    """All that somebody with our code and the database, but without the published heads, can make consistent again."""
    before = EMPTY
    for made in Seal.objects.order_by("number"):
        cursor.execute(
            f"SELECT seq, {LINE} FROM audit_auditevent WHERE xid >= %s AND xid < %s ORDER BY xid, seq",
            [made.xid_from, made.xid_to],
        )
        leaves = [(seq, leaf(line)) for seq, line in cursor.fetchall()]
        made.root, made.previous = merkle_root([digest for _, digest in leaves]), before
        made.leaves = b"".join(seq.to_bytes(8) + digest for seq, digest in leaves)
        made.head = before = seal_head(made)
        made.save()


Tamper = Callable[[CursorWrapper, list[AuditEvent]], int]
TAMPERINGS: list[Tamper] = [
    edit,
    delete_from_the_middle,
    swap,
    truncate_the_tail,
    edit_and_rebuild_everything,
    insert_backdated,
    change_a_sealed_root,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_tampering_is_found_and_the_first_bad_sequence_named(tamper: Tamper, trail: list[AuditEvent]) -> None:
    assert verify().findings == []
    with cheating() as cursor:
        bad = tamper(cursor, trail)
    report = verify()
    assert report.findings
    assert report.first_bad == bad


def test_an_intact_trail_gives_no_false_alarm(trail: list[AuditEvent]) -> None:
    report = verify()
    assert (report.findings, report.events, report.seals, report.unsealed) == ([], 30, 3, 0)
    assert report.head == Seal.objects.get(number=3).head


def test_a_rebuilt_trail_agrees_with_itself_so_only_the_published_heads_convict_it(
    trail: list[AuditEvent], heads: Path
) -> None:
    with cheating() as cursor:
        edit_and_rebuild_everything(cursor, trail)
    assert {finding.code for finding in verify().findings} == {"anchor"}


def test_more_of_the_trail_after_a_truncation_does_not_hide_it(trail: list[AuditEvent], say: Say) -> None:
    with cheating() as cursor:
        bad = truncate_the_tail(cursor, trail)
    say(10)
    seal()
    report = verify()
    assert "anchor" in {finding.code for finding in report.findings}
    assert report.first_bad is not None
    assert report.first_bad >= bad


def test_a_changed_payload_is_found(trail: list[AuditEvent]) -> None:
    with cheating() as cursor:
        cursor.execute(
            'UPDATE audit_auditpayload SET body = \'{"note": "nothing happened"}\' WHERE event_id = %s', [trail[7].pk]
        )
    assert verify().first_bad == trail[7].seq


def test_a_payload_that_vanished_without_a_redaction_is_found(trail: list[AuditEvent]) -> None:
    with cheating() as cursor:
        cursor.execute("DELETE FROM audit_auditpayload WHERE event_id = %s", [trail[8].pk])
    report = verify()
    assert [(finding.code, finding.seq) for finding in report.findings] == [("payload", trail[8].seq)]


def test_losing_the_published_heads_is_found_once_they_are_due(
    trail: list[AuditEvent], heads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads.unlink()
    assert verify().findings == []
    monkeypatch.setattr("audit.verification.UNPUBLISHED", -verify.__globals__["UNPUBLISHED"])
    assert {finding.code for finding in verify().findings} == {"unpublished"}
