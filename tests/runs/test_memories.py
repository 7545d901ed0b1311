"""What an agent remembers of a customer: for how long, for whom, and how it is put right or forgotten."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agents.base.errors import Invalid, NotAllowed
from agents.fleet.actions import grant_knowledge
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, PolicyVersion
from agents.runs.actions import correct_memory, forget, forget_contact, forget_old, tell_memory
from agents.runs.enums import Remembered, RunState
from agents.runs.models import Memory, Run
from agents.runs.services import services_for
from agents.runs.services.memories import LONGEST, Memories, whom
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast, make_agent

pytestmark = pytest.mark.django_db
KIM = {"text": "Where is it?", "email": "Kim@Example.com"}


def memories(agent: Agent, **given: object) -> Memories:
    return services_for(Run.objects.create(agent=agent, input=given or KIM)).memories


@pytest.fixture(autouse=True)
def kept_for_ninety_days(cast: Cast) -> None:
    PolicyVersion.objects.create(team=cast.team, number=1, statement="", rules={"remembered_days": 90})


def test_a_customer_is_known_by_address_and_never_by_name(cast: Cast) -> None:
    team = cast.team.pk
    same = [{"email": "kim@example.com"}, {"contact": " KIM@example.com"}, {"customer": "kim@example.com"}]
    assert len({whom(team, one) for one in same}) == 1
    assert whom(team, {"phone": "+49 170 123-4567"}) == whom(team, {"contact": {"phone": "491701234567"}}) != ""
    assert whom(team, {"customer": "Kim Lee"}) == whom(team, {}) == ""
    assert whom(team, same[0]) != whom(cast.rival_team.pk, same[0])


def test_what_was_learned_in_one_run_is_known_in_the_next_newest_first(cast: Cast) -> None:
    for number, said in enumerate(("asked for an invoice", "asked for a refund")):
        assert memories(cast.agent).remember("publish/1", said)
        Memory.objects.filter(text=said).update(at=timezone.now() + dt.timedelta(seconds=number))
    assert [one["text"] for one in memories(cast.agent).recall()] == ["asked for a refund", "asked for an invoice"]
    assert memories(cast.agent, text="Hi", email="lee@example.com").recall() == []


def test_a_step_remembers_once_and_its_own_run_does_not_recall_it(cast: Cast) -> None:
    one = memories(cast.agent)
    assert [one.remember("publish/1", said) for said in ("first", "second")] == [True, True]
    assert Memory.objects.get().text == "first"
    assert one.recall() == []
    assert one.remember("publish/2", "x" * (LONGEST + 1))
    assert len(Memory.objects.get(step_key="publish/2").text) == LONGEST


def test_nothing_is_remembered_of_a_name_or_where_the_policy_keeps_nothing(cast: Cast) -> None:
    assert not memories(cast.agent, text="Hi", customer="Kim Lee").remember("publish/1", "x")
    PolicyVersion.objects.create(team=cast.team, number=2, statement="", rules={})
    assert not memories(cast.agent).remember("publish/1", "x")
    assert not Memory.objects.exists()


def test_another_agent_recalls_it_only_when_memories_are_granted(cast: Cast) -> None:
    other = make_agent(cast.team, "librarian", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    memories(other).remember("publish/1", "prefers e-mail")
    assert memories(cast.agent).recall() == []
    for lent, known in ((False, []), (True, ["librarian"])):
        grant_knowledge(cast.agent, lender=other, memories=lent, why="One desk", actor=cast.owner)
        assert [one["by"] for one in memories(cast.agent).recall()] == known


def test_a_memory_ends_with_its_time_and_is_deleted_then(cast: Cast) -> None:
    memories(cast.agent).remember("publish/1", "x")
    assert forget_old() == 0
    Memory.objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    assert memories(cast.agent).recall() == []
    assert forget_old() == 1


def test_what_a_customer_prefers_and_has_is_recalled_beside_the_answers_and_what_else_is_open(cast: Cast) -> None:
    first = memories(cast.agent)
    first.remember("publish/1", "answered")
    first.remember("publish/1/0", "I prefer e-mail", Remembered.PREFERENCE)
    first.remember("publish/1/1", "Terminal 3", Remembered.PRODUCT)
    services_for(first.run).conversation.so_far()
    found = memories(cast.agent)
    services_for(found.run).conversation.so_far()
    assert {(one["kind"], one["text"]) for one in found.recall()} == {
        ("answer", "answered"),
        ("preference", "I prefer e-mail"),
        ("product", "Terminal 3"),
    }
    assert "answer" not in {one["kind"] for one in found.recall(besides=[str(first.run.pk)])}
    assert [one["run"] for one in found.open_tickets()] == [str(first.run.pk)]
    Run.objects.filter(pk=first.run.pk).update(state=RunState.DONE)
    assert found.open_tickets() == []


def test_people_tell_an_agent_of_a_customer_as_long_as_the_policy_keeps_memories(cast: Cast) -> None:
    kim = "kim@example.com"
    kept: dict[str, Any] = {"kind": Remembered.PREFERENCE, "text": "No calls"}
    told = tell_memory(cast.agent, address=kim, actor=cast.owner, **kept)
    assert [one["text"] for one in memories(cast.agent).recall()] == ["No calls"]
    assert (told.run, told.corrected_by) == (None, cast.owner)
    event = AuditEvent.objects.get(verb="memory.told")
    assert kim not in f"{event.object_label} {AuditPayload.objects.get(pk=event.pk).body}"
    with pytest.raises(NotAllowed):
        tell_memory(cast.agent, address=kim, actor=cast.backup, **kept)
    with pytest.raises(Invalid):
        tell_memory(cast.agent, address="Kim", actor=cast.owner, **kept)
    PolicyVersion.objects.create(team=cast.team, number=2, statement="", rules={})
    with pytest.raises(Invalid):
        tell_memory(cast.agent, address=kim, actor=cast.owner, **kept)


def test_people_who_configure_the_agent_put_a_memory_right_or_have_it_forgotten(cast: Cast) -> None:
    memories(cast.agent).remember("publish/1", "wants a call")
    memory = Memory.objects.get()
    correct_memory(memory, text="wants no call", actor=cast.owner)
    assert memories(cast.agent).recall()[0]["text"] == "wants no call"
    for text in ("  ", "x" * 1001):
        with pytest.raises(Invalid):
            correct_memory(memory, text=text, actor=cast.owner)
    with pytest.raises(NotAllowed):
        forget(memory, actor=cast.second)
    forget(memory, actor=cast.owner)
    assert not Memory.objects.exists()
    trail = AuditEvent.objects.filter(object_id=memory.pk).order_by("seq")
    assert [(one.verb, one.actor_id) for one in trail] == [
        ("memory.corrected", cast.owner.pk),
        ("memory.forgotten", cast.owner.pk),
    ]


def test_a_customer_is_forgotten_by_address_and_nobody_else_is(cast: Cast) -> None:
    for number in range(2):
        memories(cast.agent).remember(f"publish/{number}", "x")
    memories(cast.agent, text="Hi", phone="+49 170 1234567").remember("publish/1", "y")
    assert forget_contact(cast.agent, address="KIM@example.com ", actor=cast.owner) == 2
    assert Memory.objects.get().text == "y"
    with pytest.raises(Invalid):
        forget_contact(cast.agent, address="Kim", actor=cast.owner)
    event = AuditPayload.objects.get(event_id=AuditEvent.objects.get(verb="memory.contact_forgotten").pk)
    assert "kim" not in str(event.body).lower()
