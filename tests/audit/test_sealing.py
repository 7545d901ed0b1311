"""The sealer: every committed event exactly once, whatever commits late, and heads outside the database."""

import json
import random
import stat
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from agents.base import faults
from agents.base.actors import SYSTEM
from audit import sealing
from audit.actions import record
from audit.hashing import FIELDS, LINE, leaf, merkle_levels, merkle_path, merkle_root, unpack
from audit.heads import published
from audit.models import AuditEvent, Seal
from audit.sealing import seal
from audit.tasks import seal as seal_task
from audit.verification import verify
from tests.audit.conftest import TRIED, Say, cheating

committed = pytest.mark.django_db(transaction=True)


def sealed_seqs() -> list[int]:
    return [seq for made in Seal.objects.order_by("number") for seq, _ in unpack(bytes(made.leaves))]


@committed
def test_a_seal_covers_what_was_committed_and_chains_to_the_one_before(say: Say) -> None:
    say(3)
    first = seal()
    say(2)
    second = seal()
    assert first is not None
    assert second is not None
    assert (first.number, first.events, first.previous) == (1, 3, "0" * 64)
    assert (second.number, second.events, second.previous, second.xid_from) == (2, 2, first.head, first.xid_to)


@committed
def test_nothing_new_makes_no_seal(say: Say) -> None:
    assert seal() is None
    say(1)
    seal_task()
    assert seal() is None
    assert Seal.objects.count() == 1


@committed
def test_an_event_of_an_open_transaction_waits_and_is_sealed_after_its_commit(say: Say) -> None:
    wrote, go = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                say(1)
                wrote.set()
                go.wait(60)
        finally:
            connection.close()

    writer = threading.Thread(target=late)
    writer.start()
    assert wrote.wait(60)
    say(1)
    assert seal() is None
    go.set()
    writer.join()
    made = seal()
    assert made is not None
    assert made.events == 2


@committed
def test_a_large_backlog_is_cut_between_transactions(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST", 4)
    with transaction.atomic():
        say(7)
    say(3)
    sizes = []
    while made := seal():
        sizes.append(made.events)
    assert sum(sizes) == 10
    assert sizes[0] == 7
    assert verify().findings == []


@committed
def test_six_writers_with_rollbacks_beside_a_sealer_lose_nothing_and_seal_nothing_twice() -> None:
    stop = threading.Event()

    def write(seed: int) -> None:
        dice = random.Random(seed)
        try:
            while not stop.is_set():
                with transaction.atomic():
                    for _ in range(dice.randint(1, 3)):
                        record(TRIED, actor=SYSTEM, team_id=None, seed=seed)
                        time.sleep(dice.random() / 200)
                    transaction.set_rollback(dice.random() < 0.3)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[seed]) for seed in range(6)]
    for writer in writers:
        writer.start()
    end = time.monotonic() + 60
    while Seal.objects.count() < 5 and time.monotonic() < end:
        seal()
        time.sleep(0.02)
    stop.set()
    for writer in writers:
        writer.join()
    seal()
    seqs = sealed_seqs()
    assert len(seqs) == len(set(seqs))
    assert sorted(seqs) == list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert Seal.objects.count() >= 5
    assert verify().findings == []


@committed
def test_only_one_sealer_works_at_a_time(say: Say) -> None:
    say(1)
    holding, go = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [sealing.LOCK])
            holding.set()
            go.wait(60)
            # Closing the connection alone would let the lock go only when the server notices.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [sealing.LOCK])
        connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert holding.wait(60)
    assert seal() is None
    go.set()
    other.join()
    assert seal() is not None


@committed
def test_a_crash_before_the_commit_leaves_nothing_and_after_it_the_head_follows(say: Say) -> None:
    say(2)
    faults.arm("seal.before_commit:raise")
    with pytest.raises(faults.Fault):
        seal()
    assert not Seal.objects.exists()
    faults.arm("seal.after_commit:raise")
    with pytest.raises(faults.Fault):
        seal()
    assert (Seal.objects.count(), published()) == (1, {})
    faults.arm("")
    assert seal() is None
    assert list(published()) == [1]
    assert verify().findings == []


@committed
def test_heads_are_private_json_lines_and_one_log_line_each(
    say: Say, heads: Path, caplog: pytest.LogCaptureFixture
) -> None:
    say(1)
    made = seal()
    assert made is not None
    assert stat.S_IMODE(heads.stat().st_mode) == 0o600
    assert json.loads(heads.read_text())["head"] == made.head
    assert [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)] == ["audit.head"]


@committed
def test_a_line_torn_by_a_crash_is_published_again_and_alarms_nobody(say: Say, heads: Path) -> None:
    say(1)
    seal()
    whole = heads.read_text()
    heads.write_text(whole[:40])
    seal()
    assert heads.read_text() == f"{whole[:40]}\n{whole}"
    assert verify().findings == []


@committed
def test_the_first_published_head_counts_so_that_a_later_line_cannot_replace_it(say: Say, heads: Path) -> None:
    say(1)
    seal()
    with heads.open("a") as file:
        file.write(json.dumps({**published()[1], "head": "f" * 64}) + "\n")
    assert verify().findings == []


@committed
def test_transaction_ids_that_went_backwards_stop_the_sealer(say: Say) -> None:
    say(1)
    seal()
    with cheating() as cursor:
        cursor.execute("UPDATE audit_seal SET xid_to = xid_to + 1000000")
    with pytest.raises(sealing.Restored, match="seal before a dump"):
        seal()


@pytest.mark.django_db
def test_postgresql_and_python_spell_an_event_alike() -> None:
    nasty = 'quote " back \\ slash / tab \t line \n \x01 \x7f \u2028 ñ 漢 😀 \ufffd'
    event = record(TRIED, actor=SYSTEM, team_id=None, object_label=nasty)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {LINE} FROM audit_auditevent WHERE id = %s", [event.pk])
        (line,) = cursor.fetchone()
        cursor.execute("SELECT sha256('\\x00'::bytea || convert_to(%s::text, 'UTF8'))", [line])
        (digest,) = cursor.fetchone()
    values = json.loads(line)
    assert dict(zip(FIELDS, values, strict=True))["object_label"] == nasty
    assert json.dumps(values, ensure_ascii=False) == line
    assert leaf(line) == bytes(digest)


@pytest.mark.django_db
def test_an_event_is_spelled_alike_in_every_time_zone() -> None:
    record(TRIED, actor=SYSTEM, team_id=None)
    lines = set()
    with connection.cursor() as cursor:
        for zone in ("UTC", "America/New_York", "Asia/Kolkata"):
            cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
            cursor.execute(f"SELECT {LINE} FROM audit_auditevent")
            lines.add(cursor.fetchone()[0])
    assert len(lines) == 1


@given(st.integers(1, 70))
def test_every_leaf_climbs_to_the_root_by_its_path(size: int) -> None:
    from audit.standalone import climb

    leaves = [leaf(str(number)) for number in range(size)]
    levels = merkle_levels(leaves)
    for place, digest in enumerate(leaves):
        path = merkle_path(levels, place)
        assert (climb(digest, place, size, path) or b"").hex() == merkle_root(leaves)
        assert climb(digest, place, size, [*path, "00" * 32]) is None


def test_the_tree_is_the_one_of_rfc_6962() -> None:
    from hashlib import sha256

    a, b, c = (sha256(b"\x00" + name).digest() for name in (b"a", b"b", b"c"))
    left = sha256(b"\x01" + a + b).digest()
    assert merkle_root([a]) == a.hex()
    assert merkle_root([a, b, c]) == sha256(b"\x01" + left + c).hexdigest()
