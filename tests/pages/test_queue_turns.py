"""Putting off, handing over, noting: each without a script, none of it for the agent's ears."""

import json
from typing import Any

import pytest

from agents.base.errors import Invalid, NotAllowed
from agents.runs.actions import claim_item
from agents.runs.actions.turns import assign_item, note_item
from agents.runs.enums import ItemState, RunState
from agents.runs.models import ItemNote, Run
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast
from tests.morning.stage import ago
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run, an_approval

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("given", [{"later": "1h"}, {"later": "tomorrow"}, {"until": "2999-01-01T09:00"}])
def test_an_item_is_put_off(cast: Cast, sign_in: SignIn, given: dict[str, Any]) -> None:
    item = a_question(cast.agent).item
    said = sign_in(cast.owner).post(f"/queue/{item.pk}/snooze/", given, follow=True).content.decode()
    item.refresh_from_db()
    assert item.state == ItemState.SNOOZED
    assert item.snoozed_until is not None
    assert item.snoozed_until > ago()
    assert "Put off until" in said


def test_a_row_that_was_put_off_says_the_day_unless_it_is_today(cast: Cast, sign_in: SignIn) -> None:
    item, client = a_question(cast.agent).item, sign_in(cast.owner)
    client.post(f"/queue/{item.pk}/snooze/", {"later": "tomorrow"})
    item.refresh_from_db()
    assert item.snoozed_until is not None
    back = item.snoozed_until.astimezone(cast.owner.tzinfo)
    assert f"put off until {back:%a} 09:00" in client.get("/queue/").content.decode()
    said = client.post(f"/queue/{item.pk}/snooze/", {"until": "2999-01-01T09:00"}, follow=True).content.decode()
    assert said.count("ut off until 1 Jan 2999, 09:00") == 2


def test_the_past_is_no_time_to_put_off_to(cast: Cast, sign_in: SignIn) -> None:
    item = a_question(cast.agent).item
    said = sign_in(cast.owner).post(f"/queue/{item.pk}/snooze/", {"until": "2000-01-01T09:00"})
    assert said.status_code == 422
    for words in ('role="alert">Choose a time to come.', 'value="2000-01-01T09:00"'):
        assert words in said.content.decode()


def test_an_item_is_handed_to_somebody_who_may_decide_it(cast: Cast, sign_in: SignIn) -> None:
    item, client = an_approval(cast.agent).item, sign_in(cast.owner)
    claim_item(item, actor=cast.owner)
    page = client.get(f"/queue/{item.pk}/").content.decode()
    assert [name in page.split('name="to"')[1] for name in (">Dev<", ">Bo<", ">Tess<")] == [True, True, False]
    said = client.post(f"/queue/{item.pk}/assign/", {"to": cast.second.pk}, follow=True).content.decode()
    assert "Dev’s turn" in said
    item.refresh_from_db()
    assert (item.assignee, item.state, item.claimed_by) == (cast.second, ItemState.OPEN, None)
    with pytest.raises(Invalid):
        assign_item(item, actor=cast.owner, to=cast.trainee)
    with pytest.raises(NotAllowed):
        assign_item(item, actor=cast.auditor, to=cast.second)


def test_a_note_and_a_turn_are_taken_without_loading_what_is_typed_anew(cast: Cast, sign_in: SignIn) -> None:
    item, client = an_approval(cast.agent).item, sign_in(cast.owner)
    noted = client.post(f"/queue/{item.pk}/note/", {"text": "Ask Bo"}, headers=HTMX)
    said = noted.content.decode()
    assert ("Ask Bo" in said, 'id="answer"' in said) == (True, False)
    told = {"text": "Noted. No agent is told.", "level": "success"}
    assert json.loads(noted.headers["HX-Trigger"]) == {"rollcall:said": {"lines": [told]}}
    handed = client.post(f"/queue/{item.pk}/assign/", {"to": cast.second.pk}, headers=HTMX)
    assert "Dev’s turn" in handed.content.decode()


def test_a_refused_note_and_a_refused_turn_stand_open_with_why(cast: Cast, sign_in: SignIn) -> None:
    item, client = an_approval(cast.agent).item, sign_in(cast.owner)
    for headers in ({}, HTMX):
        blank = client.post(f"/queue/{item.pk}/note/", {"text": " "}, headers=headers)
        wrong = client.post(f"/queue/{item.pk}/assign/", {"to": cast.trainee.pk}, headers=headers)
        for refused, why in ((blank, "Write a note."), (wrong, "Choose somebody who may decide this.")):
            said = refused.content.decode()
            assert (refused.status_code, f'role="alert">{why}' in said) == (422, True)
            assert said.count("data-focus open") == 1


def test_a_note_stays_among_people(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.WAITING)
    item, client = an_approval(cast.agent, run).item, sign_in(cast.owner)
    client.post(f"/queue/{item.pk}/note/", {"text": "She is a friend of the CEO <b>"})
    page = sign_in(cast.second).get(f"/queue/{item.pk}/").content.decode()
    assert "She is a friend of the CEO &lt;b&gt;" in page
    assert "friend" not in str(list(Run.objects.values())) + str(list(AuditPayload.objects.values("body")))
    assert AuditEvent.objects.filter(verb="item.noted").count() == ItemNote.objects.count() == 1
    with pytest.raises(Invalid):
        note_item(item, actor=cast.owner, text=" ")
