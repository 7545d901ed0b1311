"""Deciding without the mouse: three keys at most, the next row by itself, and a way back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from agents.runs.actions import decide
from agents.runs.enums import DecisionState, RunState
from agents.runs.models import Decision, ReviewItem
from tests.browser.conftest import Visit, keys, session_cookie, unfold
from tests.cast import Cast
from tests.pages.stage import REFUND, a_question, a_run, an_approval

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]
HEARD = """(path) => { window.heard = new Promise((done) => addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.pathInfo.requestPath === path) done(true);
})); }"""
THREE = {"First": "high", "Second": "medium", "Third": "low"}
ASKED = {"type": "object", "properties": {"sort": {"enum": ["lost", "late"]}}, "required": ["sort"]}


@pytest.fixture(autouse=True)
def grace(settings: Any) -> None:
    settings.DECISION_GRACE = 60


def opened(page: Page, title: str) -> None:
    expect(page.locator("#detail h2")).to_have_text(title)


def test_a_decision_is_one_key_and_its_undoing_another(cast: Cast, visit: Visit, shoot: Shoot) -> None:
    an_approval(cast.agent, a_run(cast.agent, RunState.WAITING), title="First")
    an_approval(cast.agent, a_run(cast.agent, RunState.WAITING), title="Second", proposal={**REFUND, "order": 2})
    a_question(cast.agent, title="Third", schema=ASKED, severity="low")
    page = visit(cast.owner, "/queue/")
    keys(page, "j", "Enter")
    opened(page, "First")
    keys(page, "a")
    opened(page, "Second")
    expect(page.locator("#undo")).to_contain_text("Approve · First")
    shoot(page, "queue-undo")
    keys(page, "u")
    expect(page.get_by_text("Taken back: nothing has happened.")).to_be_visible()
    opened(page, "First")
    assert Decision.objects.get().state == DecisionState.UNDONE
    keys(page, "a")
    opened(page, "Second")
    keys(page, "w")
    shoot(page, "queue-skip")
    keys(page, "2")
    opened(page, "Third")
    assert Decision.objects.latest("at").note == "more has to be known first"
    page.evaluate("window.stays = true")
    keys(page, "2", "s")
    expect(page.locator("#undo")).to_contain_text("Respond · Third")
    assert page.evaluate("window.stays"), "the page was loaded anew"
    assert Decision.objects.latest("at").payload == {"sort": "late"}


def test_after_an_answer_in_words_the_keys_are_the_next_one_s(cast: Cast, visit: Visit) -> None:
    first = a_question(cast.agent, title="First", schema={}, severity="high")
    an_approval(cast.agent, a_run(cast.agent, RunState.WAITING), title="Second")
    page = visit(cast.owner, f"/queue/{first.item.pk}/")
    page.get_by_label("Your answer").fill("I write to them myself")
    keys(page, "Control+Enter")
    opened(page, "Second")
    keys(page, "a")
    expect(page.locator("#undo")).to_contain_text("Approve · Second")


def test_an_edit_goes_on_where_the_text_ends_and_shows_only_the_words_that_change(cast: Cast, visit: Visit) -> None:
    run = a_run(cast.agent, RunState.WAITING)
    asked = an_approval(cast.agent, run, proposal={"reply": "Yara, you get half of it back within ten days."})
    page = visit(cast.owner, f"/queue/{asked.item.pk}/")
    keys(page, "e")
    reply = page.locator("details.edit textarea").first
    expect(reply).to_be_focused()
    page.keyboard.type(" Yours, Ava")
    expect(page.locator(".diff ins")).to_have_text("Yours, Ava")
    expect(page.locator(".diff del")).to_have_count(0)
    reply.fill("Yara, you get all of it back within ten days.")
    expect(page.locator(".diff del")).to_have_text("half")
    expect(page.locator(".diff ins")).to_have_text("all")
    expect(page.locator(".diff")).to_have_text("Yara, you get half → all of it back within ten days.")


def test_of_two_rows_pressed_in_haste_the_later_is_shown(cast: Cast, visit: Visit) -> None:
    items = [a_question(cast.agent, title=name, severity=severity) for name, severity in THREE.items()]
    held: list[Route] = []
    page = visit(cast.owner)
    page.goto("/queue/")
    late = f"/queue/{items[1].item.pk}/"
    page.route(f"**{late}", lambda route: held.append(route))
    page.get_by_role("link", name="Second").click()
    page.get_by_role("link", name="Third").click()
    opened(page, "Third")
    page.evaluate(HEARD, late)
    held[0].continue_()
    assert page.evaluate("() => window.heard")
    opened(page, "Third")


def test_a_row_is_not_replaced_between_press_and_release(cast: Cast, visit: Visit) -> None:
    a_question(cast.agent, title="First")
    page = visit(cast.owner)
    page.goto("/queue/")
    row = page.get_by_role("link", name="First")
    row.evaluate("(link) => { link.dataset.drawn = 'before'; }")
    row.hover()
    page.mouse.down()
    with page.expect_response("**/queue/"):
        page.evaluate("htmx.trigger('#rows', 'sse:live')")
    page.mouse.up()
    opened(page, "First")
    expect(page.locator("[data-drawn]")).to_have_count(0)


def test_putting_off_and_noting_take_three_keys(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    first = a_question(cast.agent, title="First")
    page = visit(cast.owner, f"/queue/{first.item.pk}/")
    keys(page, "n")
    expect(page.get_by_label("For the agent’s people only")).to_be_focused()
    page.keyboard.type("Ask Bo")
    keys(page, "Control+Enter")
    expect(page.get_by_text("Ask Bo")).to_be_visible()
    shoot(page, "queue-item-note")
    keys(page, "z", "1")
    expect(page.get_by_text("Put off until").first).to_be_visible()
    assert ReviewItem.objects.get(pk=first.item.pk).state == "snoozed"


def test_an_answer_half_typed_waits_while_another_row_is_open_until_it_is_sent(cast: Cast, visit: Visit) -> None:
    first = a_question(cast.agent, title="First", schema={}, severity="high")
    a_question(cast.agent, title="Second", schema={}, severity="low")
    page = visit(cast.owner, f"/queue/{first.item.pk}/")
    answer = page.get_by_label("Your answer")
    answer.fill("Yara, you get")
    page.get_by_role("link", name="Second").click()
    opened(page, "Second")
    expect(answer).to_have_value("")
    page.get_by_role("link", name="First").click()
    opened(page, "First")
    expect(answer).to_have_value("Yara, you get")
    expect(page.locator("#toasts")).to_contain_text("What you had typed is back in the form.")
    page.goto("/queue/")
    page.goto(f"/exceptions/{first.pk}/")
    expect(answer).to_have_value("Yara, you get")
    page.goto(f"/queue/{first.item.pk}/")
    answer.focus()
    keys(page, "Control+Enter")
    opened(page, "Second")
    expect(answer).to_have_value("")
    expect(page.locator("#undo")).to_contain_text("First")
    keys(page, "u")
    opened(page, "First")
    expect(answer).to_have_value("Yara, you get")
    expect(page.locator("#toasts")).not_to_contain_text("What you had typed")


def test_an_edit_half_typed_comes_back_with_what_it_changes_and_takes_no_key(
    cast: Cast, visit: Visit, live_server: Any
) -> None:
    asked = an_approval(
        cast.agent, a_run(cast.agent, RunState.WAITING), title="First", proposal={"reply": "You get half"}
    )
    a_question(cast.agent, title="Second", severity="low")
    page = visit(cast.owner, f"/queue/{asked.item.pk}/")
    keys(page, "e")
    page.locator("details.edit textarea").first.fill("You get all")
    page.get_by_role("link", name="Second").click()
    opened(page, "Second")
    page.get_by_role("link", name="First").click()
    opened(page, "First")
    expect(page.locator(".diff")).to_have_text("You get half → all")
    expect(page.locator("details.edit textarea").first).not_to_be_focused()
    page.goto("about:blank")
    page.context.add_cookies([session_cookie(cast.second, live_server.url)])
    page.goto(f"/queue/{asked.item.pk}/")
    expect(page.locator("details.edit textarea").first).to_have_value("You get half")


def test_an_answer_half_typed_stays_while_a_note_is_kept(cast: Cast, visit: Visit) -> None:
    first = a_question(cast.agent, title="First", schema={})
    page = visit(cast.owner, f"/queue/{first.item.pk}/")
    answer = page.get_by_label("Your answer")
    answer.fill("Yara, you get")
    answer.blur()
    unfold(page, "n")
    page.keyboard.type("Ask Bo")
    keys(page, "Control+Enter")
    expect(page.locator("#turns")).to_contain_text("Ask Bo")
    expect(page.locator("#toasts")).to_contain_text("Noted. No agent is told.")
    expect(answer).to_have_value("Yara, you get")
    unfold(page, "o")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator("#turns")).to_contain_text("’s turn")
    unfold(page, "o")
    page.keyboard.press("End")
    keys(page, "Control+Enter")
    expect(page.locator("#turns")).to_contain_text("Dev’s turn")
    expect(answer).to_have_value("Yara, you get")


def test_a_decision_becomes_a_rule_at_one_key_and_goes_at_another(
    cast: Cast, visit: Visit, shoot: Shoot, size: str
) -> None:
    exception = an_approval(cast.agent, a_run(cast.agent, RunState.WAITING), title="Refund")
    page = visit(cast.owner, f"/queue/{exception.item.pk}/")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#undo")).to_contain_text("Approve · Refund")
    keys(page, "t")
    expect(page.get_by_text("It would have decided 1 of 1 as people did.")).to_be_visible()
    shoot(page, "rule-new")
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_text("another of the agent’s people has to approve it")).to_be_visible()
    keys(page, "v")
    expect(page.get_by_text("Revoked: from now on people are asked again.")).to_be_visible()
    shoot(page, "rule")
    keys(page, "v")
    expect(page.get_by_text("Taken back: the rule is what it was.")).to_be_visible()
    page.goto("/queue/rules/")
    shoot(page, "rules")


def test_what_was_ticked_is_decided_together(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    for name in ("First", "Second"):
        a_question(cast.agent, title=name, schema={})
    page = visit(cast.owner, "/queue/")
    for name in ("First", "Second"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Decide together").click()
    page.get_by_label("Note or answer").fill("Yes")
    shoot(page, "queue-bulk")
    page.get_by_role("button", name="Respond").click()
    expect(page.get_by_role("link", name="Back to the queue")).to_be_visible()
    assert Decision.objects.filter(note="Yes").count() == 2
    page.goto("/queue/views/")
    shoot(page, "queue-views")


RESTORED = "What you had typed is back in the form."


def restored(page: Page) -> bool:
    """At once: it is said as the page is drawn, and fades, which waiting for its absence would take for absence."""
    return RESTORED in page.locator("#toasts").inner_text()


def test_a_rule_half_written_waits_while_something_else_is_open_tried_or_not_until_it_is_proposed(
    cast: Cast, visit: Visit
) -> None:
    asked = an_approval(cast.agent, a_run(cast.agent, RunState.WAITING))
    sha256 = asked.proposal_sha256
    made = decide(asked.item, actor=cast.owner, kind="approve", proposal_sha256=sha256, idempotency_key="k")
    address = f"/queue/decisions/{made.pk}/rule/"
    page = visit(cast.owner, address)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("It would have decided 1 of 1 as people did.")).to_be_visible()
    page.goto(address)
    assert not restored(page), "it was tried as it was drawn"
    often, until = page.get_by_label("At most so often a day"), page.get_by_label("Up to this amount each")
    often.fill("7")
    page.goto("/queue/")
    page.goto(address)
    expect(often).to_have_value("7")
    expect(page.locator("#toasts")).to_contain_text(RESTORED)
    until.fill("500")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("It would have decided 1 of 1 as people did.")).to_be_visible()
    assert not restored(page)
    page.goto("/queue/")
    page.goto(address)
    expect(often).to_have_value("7")
    expect(until).to_have_value("500")
    page.get_by_role("button", name="Propose it").click()
    expect(page.get_by_text("another of the agent’s people has to approve it")).to_be_visible()
    page.goto(address)
    expect(often).to_have_value("20")
    assert not restored(page)


def test_a_note_for_many_half_typed_waits_with_them_and_with_nothing_else(cast: Cast, visit: Visit) -> None:
    first, second, other = (a_question(cast.agent, title=each, schema={}) for each in ("First", "Second", "Other"))
    alone = f"/queue/bulk/?item={other.item.pk}:"
    both = f"/queue/bulk/?item={first.item.pk}:&item={second.item.pk}:"
    page = visit(cast.owner, both)
    note = page.get_by_label("Note or answer")
    note.fill("Yes")
    page.get_by_role("checkbox", name="Second").uncheck()
    page.goto(alone)
    expect(note).to_have_value("")
    page.goto(both)
    expect(note).to_have_value("Yes")
    expect(page.get_by_role("checkbox", name="Second")).not_to_be_checked()
    expect(page.locator("#toasts")).to_contain_text(RESTORED)
    note.fill("")
    page.get_by_role("checkbox", name="Second").check()
    page.goto(both)
    expect(note).to_have_value("")
    assert not restored(page)
