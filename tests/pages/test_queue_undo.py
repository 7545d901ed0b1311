"""Deciding and taking it back, without a script."""

from typing import Any

import pytest

from agents.base.ids import uuid7
from agents.runs.actions import cancel_run, release_due
from agents.runs.enums import DecisionState, RunState
from agents.runs.models import Decision, ReviewItem, RunException
from agents.runs.queries.undoable import undoable
from tests.cast import Cast
from tests.morning.stage import ago
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run, an_approval
from tests.pages.test_queue import HTMX, decide

ROWS = {"HX-Request": "true", "HX-Target": "rows"}


@pytest.fixture(autouse=True)
def grace(settings: Any) -> None:
    settings.DECISION_GRACE = 60


def test_what_was_decided_waits_and_can_be_taken_back_from_the_queue(cast: Cast, sign_in: SignIn) -> None:
    run = a_run(cast.agent, RunState.WAITING)
    exception, client = an_approval(cast.agent, run), sign_in(cast.owner)
    decide(client, exception, kind="approve")
    decision = Decision.objects.get()
    undo = f"/queue/decisions/{decision.pk}/undo/"
    whole, rows = (client.get("/queue/", headers=each).content.decode() for each in ({}, ROWS))
    assert whole.count(undo) == rows.count(undo) == 1
    assert ("hx-swap-oob" in whole, "hx-swap-oob" in rows) == (False, True)
    assert undo in client.get(f"/queue/{exception.item.pk}/").content.decode()
    said = client.post(undo, follow=True)
    assert "Taken back: nothing has happened." in said.content.decode()
    assert said.redirect_chain == [(f"/queue/{exception.item.pk}/", 302)]
    run.refresh_from_db()
    assert (run.state, ReviewItem.objects.get(pk=exception.item.pk).state) == (RunState.WAITING, "open")
    assert undo not in client.get("/queue/").content.decode()


def test_what_was_typed_is_there_again_for_whoever_took_it_back_and_nobody_else(cast: Cast, sign_in: SignIn) -> None:
    exception, client = an_approval(cast.agent), sign_in(cast.owner)
    decide(client, exception, kind="reject", note="The invoice is open.")
    client.post(f"/queue/decisions/{Decision.objects.get().pk}/undo/")
    mine, others = (
        each.get(f"/queue/{exception.item.pk}/").content.decode() for each in (client, sign_in(cast.second))
    )
    assert [">The invoice is open.</textarea>" in page for page in (mine, others)] == [True, False]


def test_too_late_says_so(cast: Cast, sign_in: SignIn) -> None:
    exception, client = an_approval(cast.agent), sign_in(cast.owner)
    decide(client, exception, kind="reject", note="No")
    Decision.objects.update(releases_at=ago(seconds=1))
    release_due()
    decision = Decision.objects.get()
    said = client.post(f"/queue/decisions/{decision.pk}/undo/", follow=True).content.decode()
    assert "Too late: what was decided has happened already." in said
    assert decision.state == DecisionState.RELEASED


def test_others_do_not_see_what_i_may_take_back(cast: Cast, sign_in: SignIn) -> None:
    decide(sign_in(cast.owner), an_approval(cast.agent), kind="approve")
    assert "/undo/" not in sign_in(cast.second).get("/queue/").content.decode()


def test_what_is_the_same_again_is_shown_ticked_and_decided_along(cast: Cast, sign_in: SignIn) -> None:
    first, second, third = (an_approval(cast.agent, a_run(cast.agent, RunState.WAITING)) for _each in range(3))
    client = sign_in(cast.owner)
    assert "× 3" in client.get("/queue/").content.decode()
    page = client.get(f"/queue/{first.item.pk}/", headers=HTMX).content.decode()
    assert "2 more ask the same: they are decided with this one" in page
    assert page.count('name="also"') == 2
    decide(client, first, kind="approve", also=[second.item.pk])
    assert "Approve × 2" in client.get("/queue/").content.decode()
    third.refresh_from_db()
    assert (third.state, Decision.objects.count()) == ("open", 2)
    client.post(f"/queue/decisions/{Decision.objects.earliest('at').pk}/undo/")
    assert set(Decision.objects.values_list("state", flat=True)) == {"undone"}


def test_a_ready_reason_skips_at_one_press(cast: Cast, sign_in: SignIn) -> None:
    exception, client = a_question(cast.agent), sign_in(cast.owner)
    page = client.get(f"/queue/{exception.item.pk}/", headers=HTMX).content.decode()
    assert page.count('name="skip"') == 3
    data = {"skip": "more has to be known first", "key": uuid7(), "sha256": ""}
    assert client.post(f"/queue/{exception.item.pk}/decide/", data, headers=HTMX).status_code == 204
    decision = Decision.objects.get()
    assert (decision.kind, decision.note) == ("skip", "more has to be known first")


def test_an_escalation_is_taken_back_from_the_queue_too(cast: Cast, sign_in: SignIn) -> None:
    asked, client = a_question(cast.agent, title="Which?", schema={}), sign_in(cast.owner)
    decide(client, asked, kind="escalate")
    decision = Decision.objects.get()
    assert undoable(cast.second, cast.team) == []
    [offered] = undoable(cast.owner, cast.team)
    assert (offered.pk, offered.kind, offered.title) == (decision.pk, "escalate", "Which?")
    client.post(f"/queue/decisions/{decision.pk}/undo/")
    assert undoable(cast.owner, cast.team) == []
    decide(client, asked, kind="escalate")
    decide(sign_in(cast.second), asked, note="This one")
    assert undoable(cast.owner, cast.team) == [], "somebody has acted on it"


def test_an_escalation_is_taken_back_on_its_page_and_an_edit_says_why_it_makes_no_rule(
    cast: Cast, sign_in: SignIn
) -> None:
    asked, client = a_question(cast.agent, schema={}), sign_in(cast.owner)
    decide(client, asked, kind="escalate")
    undo = f"/queue/decisions/{Decision.objects.get().pk}/undo/"
    page = client.get(f"/queue/{asked.item.pk}/").content.decode()
    assert f'action="{undo}"' in page
    assert "Nobody has acted on it yet." in page
    assert "Nobody has acted on it yet." not in sign_in(cast.second).get(f"/queue/{asked.item.pk}/").content.decode()
    client.post(undo)
    assert Decision.objects.get().state == DecisionState.UNDONE
    decide(client, asked, kind="skip", note="later")
    assert "what is put off is asked again" in client.get(f"/queue/{asked.item.pk}/").content.decode()


def test_what_did_not_take_effect_says_why_that_its_run_was_cancelled_or_that_it_had_changed(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.owner)
    stopped, changed = (an_approval(cast.agent, a_run(cast.agent, RunState.WAITING), title=title) for title in "ab")
    for asked in (stopped, changed):
        RunException.objects.filter(pk=asked.pk).update(step_key="flow/ask/1")
        decide(client, asked, kind="approve")
    assert stopped.run
    cancel_run(stopped.run, actor=cast.owner)
    RunException.objects.filter(pk=changed.pk).update(proposal={"tool": "else"})
    Decision.objects.filter(item=changed.item).update(releases_at=ago(seconds=1))
    release_due()
    for asked, why in ((stopped, "The run was cancelled."), (changed, "no longer what was decided")):
        said = client.get(f"/queue/{asked.item.pk}/").content.decode().split('id="deciding"')[1]
        assert "<b>Did not take effect</b>" in said
        assert (why in said, "Refused: it had changed" in said) == (True, False)
        assert "Make it a standing rule" not in said
        form = client.get(f"/queue/decisions/{asked.item.decisions.get().pk}/rule/").content.decode()
        assert "No rule can be made of what did not take effect." in form
