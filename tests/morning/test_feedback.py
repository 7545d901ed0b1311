"""What people tell an agent is a version that its next run is given, and keeps."""

import pytest
from django.test import Client

from agents.base.errors import Invalid, NotAllowed
from agents.engine.prompts import Prompt
from agents.fleet.actions import give_feedback
from agents.fleet.models import Instruction
from agents.runs.execution.claim import claim
from agents.runs.models import Run
from agents.runs.services import services_for
from audit.models import AuditEvent
from tests.cast import Cast
from tests.runs import toys

PROMPT = Prompt("desk/writer/1", "You answer.", "Write the reply.")


def claimed(run: Run) -> Run:
    found = claim(run.pk)
    assert found is not None
    return found


def test_the_next_run_is_given_the_newest_version_and_keeps_it(cast: Cast) -> None:
    give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    second = give_feedback(cast.agent, "Offer a call.", actor=cast.owner)
    run = claimed(toys.started(cast.agent, "asking"))
    assert run.instruction_id == second.pk
    give_feedback(cast.agent, "Too late for this one.", actor=cast.owner)
    Run.objects.update(state="queued", lease_until=None)
    again = claimed(run)
    prompt = services_for(again).instructions.added_to(PROMPT)
    assert (prompt.version, prompt.system) == ("desk/writer/1+v2", "You answer.")
    assert prompt.task == "Write the reply.\n\nThe people responsible for you say:\nBe brief.\nOffer a call."


def test_an_agent_nobody_told_anything_works_as_before(cast: Cast) -> None:
    run = claimed(toys.started(cast.agent, "asking"))
    assert run.instruction_id is None
    assert services_for(run).instructions.added_to(PROMPT) is PROMPT


def test_another_agent_s_instruction_is_not_taken(cast: Cast) -> None:
    give_feedback(cast.rival_agent, "Theirs.", actor=cast.rival)
    assert claimed(toys.started(cast.agent, "asking")).instruction_id is None


def test_feedback_adds_up_version_by_version(cast: Cast) -> None:
    first = give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    second = give_feedback(cast.agent, " Offer a call. ", actor=cast.second)
    third = give_feedback(cast.agent, "Say nothing of prices.", actor=cast.owner, instead=True)
    assert [each.number for each in (first, second, third)] == [1, 2, 3]
    assert (second.text, second.feedback) == ("Be brief.\nOffer a call.", "Offer a call.")
    assert third.text == "Say nothing of prices."
    assert AuditEvent.objects.filter(verb="instruction.given", agent_id=cast.agent.pk).count() == 3


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\x00b"])
def test_feedback_is_a_text_of_a_sensible_length(cast: Cast, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        give_feedback(cast.agent, text, actor=cast.owner)
    assert "text" in refusal.value.fields


def test_what_an_agent_is_told_does_not_grow_without_end(cast: Cast) -> None:
    for _ in range(3):
        give_feedback(cast.agent, "x" * 2000, actor=cast.owner)
    with pytest.raises(Invalid, match="instead"):
        give_feedback(cast.agent, "x" * 2000, actor=cast.owner)
    assert give_feedback(cast.agent, "Be brief.", actor=cast.owner, instead=True).number == 4


def test_only_who_may_instruct_gives_feedback(cast: Cast) -> None:
    for person in (cast.backup, cast.trainee, cast.manager, cast.auditor, cast.rival):
        with pytest.raises(NotAllowed):
            give_feedback(cast.agent, "Be brief.", actor=person)
    assert not Instruction.objects.exists()


def test_the_run_s_page_shows_what_it_was_told(cast: Cast, client: Client) -> None:
    give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    run = claimed(toys.started(cast.agent, "asking"))
    client.force_login(cast.owner)
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "What its people had told it: version 1" in page
    assert "Be brief." in page
