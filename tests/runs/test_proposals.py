"""What people answer in their own words is proposed as knowledge, read by a person, and then known."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.models import KnowledgePassage
from agents.runs.actions import mark_wrong, propose_knowledge, refuse_proposal, take_proposal
from agents.runs.enums import ProposalState, RunState
from agents.runs.models import KnowledgeProposal, Output, Run
from audit.models import AuditEvent
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast, signed_in

__all__ = ["machine"]
pytestmark = pytest.mark.django_db
SENT = {"released_by": "person", "decision": "send"}


def resolved(cast: Cast, text: str = "Do you ship to Peru?", answer: str = "Yes, in ten days.", **given: Any) -> Run:
    """A run whose reply a person wrote."""
    given = {"state": RunState.DONE, **given}
    record = given.pop("pass_record", SENT)
    run = Run.objects.create(agent=cast.agent, input={"text": text}, finished_at=timezone.now(), **given)
    Output.objects.create(run=run, step_key="publish/1", kind="reply", content=answer, pass_record=record)
    return run


def proposed(cast: Cast) -> KnowledgeProposal:
    resolved(cast)
    propose_knowledge()
    return KnowledgeProposal.objects.get()


def test_what_a_person_answered_in_their_own_words_is_proposed_once_without_personal_data(cast: Cast) -> None:
    run = resolved(cast, "I am kim@lee.example. Do you ship to Peru?", "Yes. Write to kim@lee.example.")
    assert [propose_knowledge(), propose_knowledge()] == [1, 0]
    found = KnowledgeProposal.objects.get()
    assert (found.run, found.cases, found.state) == (run, 1, ProposalState.OPEN)
    assert "kim@lee" not in f"{found.title} {found.text}"
    assert AuditEvent.objects.filter(verb="knowledge.proposed", agent_id=cast.agent.pk).count() == 1


def test_the_same_question_again_is_another_case_of_it(cast: Cast) -> None:
    resolved(cast)
    newest = resolved(cast, "do you ship to PERU")
    assert propose_knowledge() == 1
    found = KnowledgeProposal.objects.get()
    assert (found.cases, found.run) == (2, newest)


def test_a_case_is_counted_once_however_many_nights_look(cast: Cast) -> None:
    for _ in range(3):
        resolved(cast)
    for _ in range(3):
        propose_knowledge()
    assert KnowledgeProposal.objects.get().cases == 3


def test_nothing_is_proposed_of_what_taught_nobody_anything(cast: Cast) -> None:
    resolved(cast, pass_record={"released_by": "person", "decision": "approve"})
    resolved(cast, pass_record={"publishable": True})
    resolved(cast, state=RunState.WAITING)
    resolved(cast, source="webhook")
    resolved(cast, state_since=timezone.now() - dt.timedelta(days=8))
    mark_wrong(resolved(cast), actor=cast.owner, note="It does not.")
    assert propose_knowledge() == 0


def test_what_is_taken_is_known_as_a_person_worded_it_beside_what_was_taken_before(cast: Cast) -> None:
    for number, question in enumerate(("Do you ship to Peru?", "Is there a discount?")):
        resolved(cast, question)
        propose_knowledge()
        held = KnowledgeProposal.objects.get(state=ProposalState.OPEN)
        take_proposal(held, title=question, text=f"Answer {number}.", actor=cast.owner)
    passages = KnowledgePassage.objects.filter(agent=cast.agent, source="resolved-cases").order_by("ordinal")
    assert [(one.title, one.text) for one in passages] == [
        ("Do you ship to Peru?", "Answer 0."),
        ("Is there a discount?", "Answer 1."),
    ]
    assert AuditEvent.objects.filter(verb="knowledge.proposal_taken").count() == 2


def test_who_configures_the_agent_decides_once_and_gives_a_reason_to_refuse(cast: Cast) -> None:
    held = proposed(cast)
    with pytest.raises(NotAllowed):
        take_proposal(held, title="Q", text="A", actor=cast.backup)
    with pytest.raises(Invalid):
        refuse_proposal(held, reason=" ", actor=cast.owner)
    with pytest.raises(Invalid):
        take_proposal(held, title="Q", text=" ", actor=cast.owner)
    refuse_proposal(held, reason="One customer's case", actor=cast.owner)
    with pytest.raises(Conflict):
        take_proposal(held, title="Q", text="A", actor=cast.owner)
    resolved(cast)
    assert (propose_knowledge(), KnowledgeProposal.objects.get().state) == (0, ProposalState.REFUSED)


def test_the_page_shows_what_waits_and_takes_it(cast: Cast) -> None:
    held, owner = proposed(cast), signed_in(cast.owner)
    page = owner.get("/agents/proposals/").content.decode()
    assert ("Do you ship to Peru?" in page, f"/agents/proposals/{held.pk}/take/" in page) == (True, True)
    assert "/take/" not in signed_in(cast.auditor).get("/agents/proposals/").content.decode()
    assert owner.post(f"/agents/proposals/{held.pk}/take/", {"title": "Peru?", "text": ""}).status_code == 422
    assert owner.post(f"/agents/proposals/{held.pk}/take/", {"title": "Peru?", "text": "Yes."}).status_code == 302
    assert KnowledgePassage.objects.get(source="resolved-cases").text == "Yes."


def test_a_machine_reads_takes_and_refuses_them(cast: Cast, machine: MakeMachine) -> None:
    held, caller = proposed(cast), machine("owner")
    assert [one["id"] for one in caller.get("/knowledge-proposals")[1]["items"]] == [str(held.pk)]
    status, told = caller.post(f"/knowledge-proposals/{held.pk}/refuse", {"reason": "Too special"})
    assert (status, told["state"]) == (200, "refused")
    assert caller.get("/knowledge-proposals")[1]["items"] == []
