"""Writing to the trail."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection, transaction

from agents.base.actors import SYSTEM
from agents.base.ids import uuid7
from audit import verbs
from audit.actions import record
from audit.hashing import payload_sha256
from audit.models import AuditEvent, AuditPayload
from tests.audit.conftest import TRIED


@pytest.mark.django_db
def test_an_event_is_one_statement_and_reads_back_as_written(django_assert_num_queries: object) -> None:
    team = uuid7()
    with django_assert_num_queries(1):  # type: ignore[operator]
        event = record(TRIED, actor=SYSTEM, team_id=team, price=Decimal("1.50"), who=team, note="a\x00b")
    stored = AuditEvent.objects.get(pk=event.pk)
    payload = AuditPayload.objects.get(pk=event.pk)
    assert (stored.seq, stored.xid, stored.at, stored.team_id) == (event.seq, event.xid, event.at, team)
    assert payload.body == {"price": "1.50", "who": str(team), "note": "a\ufffdb"}
    assert stored.payload_sha256 == payload_sha256(payload.salt, payload.body)


@pytest.mark.django_db
def test_a_verb_nobody_registered_is_refused() -> None:
    with pytest.raises(verbs.UnknownVerb):
        record("test.never", actor=SYSTEM, team_id=None)


@pytest.mark.django_db
def test_a_float_is_refused_because_its_spelling_is_not_stable() -> None:
    with pytest.raises(TypeError, match="float"):
        record(TRIED, actor=SYSTEM, team_id=None, amount=0.1)


@pytest.mark.django_db
def test_an_event_shares_the_fate_of_its_transaction() -> None:
    with transaction.atomic():
        record(TRIED, actor=SYSTEM, team_id=None)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()
    assert not AuditPayload.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_an_event_is_a_transaction_of_its_own() -> None:
    assert not connection.in_atomic_block
    event = record(TRIED, actor=SYSTEM, team_id=uuid.uuid4())
    assert AuditEvent.objects.get().pk == AuditPayload.objects.get().pk == event.pk
