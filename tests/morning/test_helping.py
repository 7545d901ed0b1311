"""Agents as assignees: one of ours works out an answer, nothing of it leaves, and a person decides (R-014)."""

from typing import Any

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.engine import Json
from agents.fleet import actions as fleet
from agents.fleet.actions import pause_agent
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.flows.actions import equip
from agents.runs.actions import decide, rerun
from agents.runs.actions.delegating import delegate
from agents.runs.actions.turns import assign_to_agent
from agents.runs.enums import DecisionKind, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Output, ReviewItem, Run
from agents.runs.queries.colleagues import Need
from agents.runs.queries.helping import helped, helpers, task_of
from audit.models import AuditEvent
from tests.cast import Cast, make_agent
from tests.model import use_rehearsal
from tests.pages.conftest import SignIn, sign_in
from tests.pages.stage import a_question, a_run
from tests.rehearsal.fixtures import rehearsal, rehearsal_server

__all__ = ["rehearsal", "rehearsal_server", "sign_in", "use_rehearsal"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
ASKED = "How many working days until refunds arrive?"
REFUNDS = "# Refunds\nRefunds arrive within 5 to 10 working days on the card that paid.\n"


@pytest.fixture
def desk(cast: Cast) -> Agent:
    """A colleague that knows of refunds; the agent that asks does not."""
    agent = make_agent(cast.team, "desk", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    fleet.add_knowledge(agent, source="refunds.md", text=REFUNDS, actor=cast.owner)
    equip(agent, actor=cast.owner)
    return agent


def asked(cast: Cast, **more: Any) -> ReviewItem:
    return a_question(cast.agent, title=ASKED, schema={}, **more).item


def worked_out(item: ReviewItem, cast: Cast, desk: Agent) -> Run:
    run = assign_to_agent(item, actor=cast.owner, to=desk)
    drive(run.pk)
    run.refresh_from_db()
    return run


def test_an_agent_works_out_an_answer_and_nothing_of_it_leaves(cast: Cast, desk: Agent) -> None:
    item = asked(cast)
    run = worked_out(item, cast, desk)
    output = Output.objects.get(run=run)
    assert (run.state, run.subject_id, output.published_at) == (RunState.DONE, item.pk, None)
    assert not AuditEvent.objects.filter(verb="output.published").exists()
    [found] = helped(item.pk)
    assert "5 to 10 working days" in found.text
    item.refresh_from_db()
    assert (item.state, item.assignee) == ("open", None), "it is a person's still"
    event = AuditEvent.objects.get(verb="item.to_agent")
    assert (event.object_id, event.actor_label, event.agent_id) == (item.pk, "Amelia", cast.agent.pk)


def test_run_again_it_only_proposes_still(cast: Cast, desk: Agent) -> None:
    item = asked(cast)
    again = rerun(worked_out(item, cast, desk), actor=cast.owner)
    drive(again.pk)
    assert next(each.run for each in helped(item.pk)) == again
    assert list(Output.objects.values_list("published_at", flat=True)) == [None, None]


def test_asked_again_while_it_is_at_it_the_same_run_answers(cast: Cast, desk: Agent) -> None:
    item = asked(cast)
    first = assign_to_agent(item, actor=cast.owner, to=desk)
    assert assign_to_agent(item, actor=cast.owner, to=desk) == first
    drive(first.pk)
    assert assign_to_agent(item, actor=cast.owner, to=desk) != first
    assert [each.run.pk == first.pk for each in helped(item.pk)] == [False, True]


def test_only_live_agents_of_ours_that_can_take_it_are_offered(cast: Cast, desk: Agent) -> None:
    item = asked(cast)
    question = item.exception
    assert question is not None
    make_agent(cast.team, "without-work", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    assert helpers(cast.owner, question) == [desk]
    assert helpers(cast.backup, question) == [], "who may not give it work"
    for wrong in (cast.agent, cast.rival_agent):
        with pytest.raises(Invalid):
            assign_to_agent(item, actor=cast.owner, to=wrong)
    with pytest.raises(NotAllowed):
        assign_to_agent(item, actor=cast.auditor, to=desk)
    pause_agent(desk, actor=cast.owner, reason="audit")
    assert helpers(cast.owner, question) == []
    decide(item, actor=cast.owner, kind=DecisionKind.RESPOND, note="Ten", idempotency_key="k", grace_s=0)
    with pytest.raises(Conflict):
        assign_to_agent(item, actor=cast.owner, to=desk)


def test_it_is_told_what_is_asked_and_written_and_nobody_s_address(cast: Cast) -> None:
    wrote: dict[str, Json] = {"text": "My order is late.", "customer": "marta@shop.example"}
    run = a_run(cast.agent, RunState.WAITING)
    Run.objects.filter(pk=run.pk).update(input=wrote)
    run.refresh_from_db()
    question = a_question(cast.agent, run, title="Where is it?", detail="Where is it? Nobody knows.")
    assert task_of(question) == {"text": "Where is it? Nobody knows.\n\nMy order is late."}


def test_what_only_proposes_gives_nothing_away(cast: Cast, desk: Agent) -> None:
    other = make_agent(cast.team, "other", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    equip(other, actor=cast.owner)
    run = assign_to_agent(asked(cast), actor=cast.owner, to=desk)
    told = delegate(run, "hand/1", Need("Look it up", desk.function))
    assert (told["agent"], told["run"]) == (None, None)
    assert Run.objects.filter(agent=other).count() == 0


def test_the_page_offers_it_shows_it_and_begins_with_it(cast: Cast, desk: Agent, sign_in: SignIn) -> None:
    item, client = asked(cast), sign_in(cast.owner)
    page = f"/queue/{item.pk}/"
    assert f'<option value="{desk.pk}">desk</option>' in client.get(page).content.decode()
    said = client.post(f"{page}assign/", {"to": desk.pk}, follow=True).content.decode()
    assert "desk works out an answer; you decide what becomes of it." in said
    assert "<b>desk works out an answer</b>" in client.get("/queue/").content.decode()
    run = Run.objects.get(agent=desk)
    drive(run.pk)
    shown = client.get(page, headers={"HX-Request": "true", "HX-Target": "helped"}).content.decode()
    assert "desk proposes" in shown
    assert "<b>desk proposes</b>" in client.get("/queue/").content.decode()
    assert "hx-trigger" not in shown.split('id="helped"')[1].split(">")[0], "it is over: nothing reads it again"
    begun = client.get(f"{page}?begin={run.pk}").content.decode()
    assert "5 to 10 working days" in begun.split('id="note"')[1].split("</textarea>")[0]
    assert f'href="{page}"' in client.get(f"/runs/{run.pk}/").content.decode()


def test_a_proposal_of_another_agent_fills_the_form(cast: Cast, desk: Agent, sign_in: SignIn) -> None:
    schema = {"type": "object", "properties": {"send": {"type": "boolean"}, "reply": {"type": "string"}}}
    item = a_question(cast.agent, title=ASKED, schema=schema).item
    run = worked_out(item, cast, desk)
    begun = sign_in(cast.owner).get(f"/queue/{item.pk}/?begin={run.pk}").content.decode()
    field = begun.split('name="answer-f', 1)[1]
    assert "5 to 10 working days" in field.split("</textarea>")[0]
