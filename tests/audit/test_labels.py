"""What customers wrote stands where it can be erased, never in the columns that stay."""

import pytest

from agents.base.actors import SYSTEM
from agents.people.actions import invite
from agents.runs.actions import decide, raise_exception, start_run
from agents.runs.enums import ExceptionKind
from audit.actions import redact
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.pages.stage import equip

WORDS = "Ann Lee, 4 Elm St: where is my refund?"


def _all_that_stays() -> str:
    return str(list(AuditEvent.objects.values()))


@pytest.fixture
def worked(cast: Cast) -> Cast:
    """A ticket with a customer's words, the exception that quotes it, and what was decided."""
    equip(cast.agent)
    run = start_run(cast.agent, actor=cast.owner, title=WORDS, input={"text": WORDS})
    exception = raise_exception(cast.agent, kind=ExceptionKind.QUESTION, title=WORDS, run=run)
    decide(exception.item, actor=cast.owner, kind="respond", note="today", idempotency_key="k")
    return cast


def test_a_customer_s_words_stand_in_no_column_that_stays(worked: Cast) -> None:
    labels = set(AuditEvent.objects.exclude(object_label="").values_list("object_type", "object_label"))
    assert {kind for kind, _label in labels} >= {"runs.Run", "runs.RunException", "runs.Decision"}
    assert all(label.startswith("run ") for kind, label in labels if kind == "runs.Run")
    assert all(label.startswith("question ") for kind, label in labels if kind == "runs.RunException")
    assert "Ann Lee" not in _all_that_stays()


def test_the_words_are_beside_the_event_until_they_are_erased(worked: Cast) -> None:
    event = AuditEvent.objects.get(verb="run.queued")
    assert AuditPayload.objects.get(pk=event.pk).body["title"] == WORDS
    for found in AuditEvent.objects.all():
        redact(found, actor=SYSTEM, reason="asked by the customer")
    assert "Ann Lee" not in _all_that_stays() + str(list(AuditPayload.objects.values()))


def test_the_address_of_somebody_who_never_came_can_be_erased(cast: Cast) -> None:
    invite(cast.team, email="stranger@example.org", role="auditor", actor=cast.administrator)
    assert "stranger@example.org" not in _all_that_stays()
    assert AuditPayload.objects.get().body["title"] == "stranger@example.org"
