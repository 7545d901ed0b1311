"""Waiting, escalation and incidents in a browser, at a desk in light and on a phone in dark."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from agents.base.money import MICRO
from agents.runs.actions import contain_incident, note_incident, open_bypass, open_incident
from agents.runs.enums import ExceptionKind, RunState
from agents.runs.models import RunException, Step
from tests.browser.conftest import Visit, too_wide
from tests.cast import Cast
from tests.pages.stage import a_question, a_run, an_approval

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]


def shown(page: Page, path: str) -> None:
    response = page.goto(path)
    assert response is not None
    assert response.status == 200, path
    assert too_wide(page) <= 0, f"{path} is too wide"


def test_a_word_without_end_makes_no_page_wider(cast: Cast, visit: Visit) -> None:
    word = "W" * 180
    run = a_run(cast.agent, RunState.WAITING, title=word, input={"customer": word})
    Step.objects.filter(run=run, node="classify").update(node=word[:80])
    asked = an_approval(cast.agent, run, step_key="approve/1", title=word, detail=word)
    incident = open_incident([asked], title=word, actor=cast.owner)
    page = visit(cast.owner)
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (f"/runs/{run.pk}/", f"/exceptions/incidents/{incident.pk}/", f"/queue/{asked.item.pk}/"):
        shown(page, path)


def test_what_waits_is_answered_beside_the_list(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    cast.agent.waiting_cost_micros_per_hour = 30 * MICRO
    cast.agent.save()
    asked = an_approval(cast.agent, a_run(cast.agent, RunState.WAITING), step_key="approve/1")
    for _ in range(3):
        a_question(cast.agent, kind=ExceptionKind.HANDOFF, schema={}, title="Call her back")
    page = visit(cast.owner)
    shown(page, "/exceptions/?need=waiting")
    expect(page.get_by_text("3 times")).to_be_visible()
    page.locator(f"#row-{asked.pk}").get_by_role("link", name="Answer here").click()
    inline = page.locator("#inline")
    expect(inline.get_by_text("What will happen if you approve")).to_be_visible()
    shoot(page, "waiting-inline")
    inline.get_by_role("button", name="Approve", exact=False).last.click()
    expect(page.locator(f"#row-{asked.pk}")).to_have_count(0)
    assert too_wide(page) <= 0


def test_an_incident_and_the_ladders_fit(cast: Cast, visit: Visit, shoot: Shoot, size: str) -> None:
    exception: RunException = a_question(cast.agent, kind=ExceptionKind.GUARDRAIL)
    incident = open_incident([exception], title="It promised refunds to everybody", actor=cast.owner)
    note_incident(incident, text="Legal was called at once.", actor=cast.second)
    contain_incident(incident, agents=[cast.agent], actor=cast.owner)
    open_bypass(cast.agent, until=timezone.now() + timedelta(hours=1), reason="Ticket sale", actor=cast.chief)
    page = visit(cast.chief)
    places = {
        "incidents": "/exceptions/incidents/",
        "incident": f"/exceptions/incidents/{incident.pk}/",
        "escalation": "/exceptions/escalation/",
        "runbooks": "/exceptions/runbooks/?kind=guardrail",
        "bypasses": "/exceptions/bypasses/",
        "exception": f"/exceptions/{exception.pk}/",
    }
    for name, path in places.items():
        shown(page, path)
        shoot(page, f"c-{name}")


def test_the_number_of_a_refusal_stands_at_what_was_refused(
    cast: Cast, visit: Visit, console: list[str], size: str
) -> None:
    asked = a_question(cast.agent, schema={})
    incident = open_incident([asked], title="Wrong promises", actor=cast.owner)
    page = visit(cast.owner, f"/exceptions/incidents/{incident.pk}/")
    page.get_by_label("refund agent").first.uncheck()
    page.get_by_role("button", name="Contain it").click()
    expect(page.locator("#contain [role=alert] + .number")).to_contain_text("req_")
    expect(page.locator(".number:visible")).to_have_count(1)
    page.goto(f"/queue/{asked.item.pk}/")
    page.get_by_text("Skip, because…").click()
    with page.expect_response("**/decide/") as refused:
        page.get_by_role("button", name="As the note says").click()
    number = page.locator("#deciding [role=alert] + .number code")
    expect(number).to_have_text(refused.value.headers["x-request-id"])
    assert [line for line in console if "422" not in line] == []
    console.clear()
