"""The sealer: one at a time, it builds a Merkle root over what is surely committed and publishes the head.

A seal covers a range of transaction ids, not of seqs: seqs commit out of order, and a late commit must not land inside
what is already sealed. Everything below the oldest running transaction is settled for ever.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from agents.base.faults import faultpoint
from audit.hashing import EMPTY, LINE, merkle_root, seal_head, unpack
from audit.heads import publish
from audit.models import Seal

LOCK = 7_365_124
MOST = 100_000
"""Events in one seal, give or take one transaction: bounds memory after a pause."""
HORIZON = "SELECT now(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
CUT = "SELECT xid + 1 FROM audit_auditevent WHERE xid >= %s AND xid < %s ORDER BY xid OFFSET %s LIMIT 1"
LEAVES = f"""
SELECT string_agg(int8send(seq) || sha256('\\x00'::bytea || convert_to({LINE}, 'UTF8')), ''::bytea ORDER BY xid, seq),
  min(seq), max(seq)
FROM audit_auditevent WHERE xid >= %s AND xid < %s
"""


class Restored(Exception):
    """Transaction ids went backwards: this database was restored into another cluster without mapping them."""


def seal() -> Seal | None:
    """Seals what is committed and publishes; None when there was nothing, or another sealer is at work.

    Must be called outside a transaction. Raises `Restored`.
    """
    with _alone() as alone:
        if not alone:
            return None
        made = _seal()
        faultpoint("seal.after_commit")
        publish()
    return made


@contextmanager
def _alone() -> Iterator[bool]:
    # Held by the session, since the snapshot must be taken after the sealer before has committed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (alone,) = cursor.fetchone()
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _seal() -> Seal | None:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        last = Seal.objects.defer("leaves").order_by("-number").first()
        start = last.xid_to if last else 0
        now, end = _end(cursor, start)
        cursor.execute(LEAVES, [start, end])
        packed, *seqs = cursor.fetchone()
        made = _make(last, (start, end), now, bytes(packed), seqs) if packed else None
        faultpoint("seal.before_commit")
    return made


def _end(cursor: CursorWrapper, start: int) -> tuple[dt.datetime, int]:
    cursor.execute(HORIZON)
    now, horizon = cursor.fetchone()
    if horizon < start:
        raise Restored(
            f"Transaction {horizon} is older than the last seal's {start}; seal before a dump, or map the ids."
        )
    cursor.execute(CUT, [start, horizon, MOST])
    cut = cursor.fetchone()
    return now, cut[0] if cut else horizon


def _make(last: Seal | None, xids: tuple[int, int], now: dt.datetime, packed: bytes, seqs: list[int]) -> Seal:
    leaves = [digest for _, digest in unpack(packed)]
    made = Seal(
        number=last.number + 1 if last else 1,
        xid_from=xids[0],
        xid_to=xids[1],
        events=len(leaves),
        first_seq=seqs[0],
        last_seq=seqs[1],
        root=merkle_root(leaves),
        leaves=packed,
        previous=last.head if last else EMPTY,
        sealed_at=now,
    )
    made.head = seal_head(made)
    made.save(force_insert=True)
    return made
