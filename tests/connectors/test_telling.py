"""What people tell an agent reaches its own system, with a receipt, or waits for a person's hands."""

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.models import Outbox
from agents.connectors.actions import confirm_instruction
from agents.connectors.actions.telling import MOST, MOST_MINUTES, TRIES
from agents.connectors.contract import sha256
from agents.connectors.enums import Rung
from agents.fleet.actions import give_feedback
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent, Instruction
from audit.models import AuditEvent
from tests.cast import Cast
from tests.connectors.connected import connect, credential
from tests.connectors.test_outgoing import relayed
from tests.rehearsal.fixtures import Rehearsal


def rungs(given: Instruction) -> list[str]:
    return list(given.receipts.order_by("at").values_list("rung", flat=True))


def manual(cast: Cast, url: str = "https://vendor.example/agent") -> Agent:
    Agent.objects.filter(pk=cast.agent.pk).update(vendor=Vendor.MANUAL, vendor_url=url)
    cast.agent.refresh_from_db()
    return cast.agent


def test_ours_read_it_with_their_next_run(cast: Cast) -> None:
    assert rungs(give_feedback(cast.agent, "Be brief.", actor=cast.owner)) == []
    assert not Outbox.objects.exists()


def test_without_an_interface_it_waits_for_a_person_who_pastes_it(cast: Cast) -> None:
    given = give_feedback(manual(cast), "Be brief.", actor=cast.owner)
    assert rungs(given) == [Rung.MANUAL_PENDING]
    for evidence, minutes in ((" ", 1), ("x" * (MOST + 1), 1), ("Saved", -1), ("Saved", MOST_MINUTES + 1)):
        with pytest.raises(Invalid):
            confirm_instruction(given, actor=cast.owner, evidence=evidence, minutes=minutes)
    first = confirm_instruction(given, actor=cast.second, evidence="Saved on its page", minutes=2)
    again = confirm_instruction(given, actor=cast.owner, evidence="Me too", minutes=9)
    assert (first, first.user, first.sha256) == (again, cast.second, sha256("Be brief."))
    assert rungs(given) == [Rung.MANUAL_PENDING, Rung.MANUAL_DONE]
    assert AuditEvent.objects.filter(verb="instruction.told", agent_id=cast.agent.pk).count() == 2


def test_nobody_pastes_what_is_not_to_be_pasted_or_not_theirs(cast: Cast) -> None:
    ours = give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    with pytest.raises(Conflict):
        confirm_instruction(ours, actor=cast.owner, evidence="Saved", minutes=1)
    with pytest.raises(NotAllowed):
        confirm_instruction(ours, actor=cast.auditor, evidence="Saved", minutes=1)


def test_with_an_interface_it_leaves_at_once_and_comes_back_as_a_receipt(
    cast: Cast, rehearsal: Rehearsal, use_rehearsal: None
) -> None:
    connect(cast.agent, Vendor.WEBHOOK, rehearsal)
    first, second = (give_feedback(cast.agent, text, actor=cast.owner) for text in ("Be brief.", "Offer a call."))
    assert relayed() == 2
    assert (rungs(first), rungs(second)) == ([], [Rung.STORED])
    assert second.receipts.get().sha256 == sha256("Be brief.\nOffer a call.")
    with pytest.raises(Conflict):
        confirm_instruction(second, actor=cast.owner, evidence="Pasted", minutes=1)


def test_what_its_system_refuses_for_good_is_not_tried_again(
    cast: Cast, rehearsal: Rehearsal, use_rehearsal: None
) -> None:
    credential(connect(cast.agent, Vendor.WEBHOOK, rehearsal), "signing_secret", "whsec_eA==")
    given = give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    assert (relayed(), rungs(given)) == (1, [Rung.FAILED])


def test_what_its_system_does_not_take_is_tried_and_then_pasted_by_hand(
    cast: Cast, rehearsal: Rehearsal, use_rehearsal: None
) -> None:
    connect(cast.agent, Vendor.WEBHOOK, rehearsal)
    given = give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    rehearsal.script([{"kind": "500", "for": "webhook", "times": TRIES}])
    for tried in range(TRIES):
        assert relayed() == (tried == TRIES - 1)
    assert rungs(given) == [Rung.FAILED]
    confirm_instruction(given, actor=cast.owner, evidence="Pasted", minutes=1)
    assert rungs(given) == [Rung.FAILED, Rung.MANUAL_DONE]
