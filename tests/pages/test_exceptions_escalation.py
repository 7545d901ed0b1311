"""The page of the escalation policy, and what an exception says of the hands it went through."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.fleet.models import Flow
from agents.runs.actions import resolve_exception, set_escalation_policy, sweep
from agents.runs.enums import HandTo, Severity
from agents.runs.ladders import Rung
from agents.runs.models import EscalationPolicy, ReviewItem, RunException
from agents.runs.queries import ladder_for, ladder_of_team
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question

PATH = "/exceptions/escalation/"


def ladder(*steps: tuple[str, str, str], loops: int = 0) -> dict[str, str]:
    """The form as a browser sends it."""
    sent = {"step-TOTAL_FORMS": str(len(steps)), "step-INITIAL_FORMS": "0", "loops": str(loops)}
    for number, step in enumerate(steps):
        names = ("after_minutes", "to", "person")
        sent |= {f"step-{number}-{name}": value for name, value in zip(names, step, strict=True)}
    return sent


def test_what_ships_is_shown_until_somebody_writes_another(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.operations)
    assert "as it ships" in client.get(PATH).content.decode()
    sent = ladder(("20", "second", ""), ("", "backup", ""), ("40", "person", str(cast.chief.pk)), loops=2)
    assert client.post(f"{PATH}?severity=low", sent).status_code == 302
    assert ladder_for(cast.agent, Severity.LOW).rungs == (
        Rung(20, HandTo.SECOND),
        Rung(40, HandTo.PERSON, str(cast.chief.pk)),
    )
    page = client.get(f"{PATH}?severity=low").content.decode()
    for said in ("version 1", "after 40 min → Carla", "then 2 times more from the beginning", "Olga"):
        assert said in page


def test_what_the_form_shows_may_be_sent_as_it_is(cast: Cast, sign_in: SignIn) -> None:
    """A browser refuses to send a 0 where 1 is the least."""
    steps = sign_in(cast.operations).get(PATH).context["steps"]
    shown = [(step["least_steps"].value(), step["least_micros"].value()) for step in steps]
    assert shown == [(None, None)] * len(steps)


def test_a_flow_s_ladder_is_for_complex_cases_and_working_hours(cast: Cast, sign_in: SignIn) -> None:
    Flow.objects.create(team=cast.team, slug="refund", name="Refunds", pattern="routing")
    client, path = sign_in(cast.operations), f"{PATH}?flow=refund&severity=low"
    narrowed = {"step-0-in_hours": "on", "step-0-least_steps": "9", "step-0-least_micros": "250.50"}
    sent = ladder(("20", "best", ""), ("40", "chief", ""))
    assert client.post(path, {**sent, **narrowed}).status_code == 302
    assert ladder_of_team(cast.team, "low", "refund").rungs == (
        Rung(20, HandTo.BEST, in_hours=True, least_steps=9, least_micros=250_500_000),
        Rung(40, HandTo.CHIEF),
    )
    page = client.get(path).content.decode()
    for said in ("Escalation: Refunds", "in their working hours", "from 9 steps on", "250.50"):
        assert said in page
    assert client.get(f"{PATH}?flow=none").headers["Location"] == PATH
    assert client.post(path, {**ladder(("20", "best", "")), **narrowed}).status_code == 422


def test_an_agent_s_own_ladder_is_its_configurer_s(cast: Cast, sign_in: SignIn) -> None:
    sent, path = ladder(("5", "chief", "")), f"{PATH}?agent={cast.agent.slug}"
    assert sign_in(cast.second).post(path, sent).status_code == 403
    assert sign_in(cast.owner).post(path, sent).status_code == 302
    assert EscalationPolicy.objects.get().agent == cast.agent
    assert sign_in(cast.rival).get(path).headers["Location"] == PATH
    assert sign_in(cast.rival).post(path, sent).status_code == 404


@pytest.mark.parametrize(
    ("path", "total", "row"),
    [(PATH, "step-TOTAL_FORMS", 'name="step-'), ("/segments/change/", "rule-TOTAL_FORMS", 'name="rule-')],
)
def test_a_form_draws_no_more_rows_than_it_takes(cast: Cast, sign_in: SignIn, path: str, total: str, row: str) -> None:
    page = sign_in(cast.chief).post(path, {total: "9" * 30, total.replace("TOTAL", "INITIAL"): "0"})
    assert page.status_code == 422
    assert page.content.decode().count(row) < 1000


@pytest.mark.parametrize(
    "sent",
    [ladder(("0", "second", "")), ladder(("5", "person", "")), ladder(*[("5", "second", "")] * 9), ladder(loops=9)],
    ids=["at-once", "nobody", "too-many", "for-ever"],
)
def test_what_cannot_be_climbed_comes_back_as_it_was_typed(cast: Cast, sign_in: SignIn, sent: dict[str, str]) -> None:
    page = sign_in(cast.chief).post(PATH, sent)
    assert page.status_code == 422
    assert "errorlist" in page.content.decode()
    assert not EscalationPolicy.objects.exists()


def test_a_severity_that_is_none_leads_to_the_page_itself_and_is_not_written(cast: Cast, sign_in: SignIn) -> None:
    path = f"{PATH}?severity=worst"
    assert sign_in(cast.chief).get(path).headers["Location"] == PATH
    assert sign_in(cast.chief).post(path, ladder(("5", "second", ""))).status_code == 404
    assert not EscalationPolicy.objects.exists()


def _handed_on(exception: RunException) -> None:
    ReviewItem.objects.filter(exception=exception).update(escalate_at=timezone.now() - timedelta(seconds=1))
    sweep()


def _text(client: Client, exception: RunException) -> str:
    return client.get(f"/exceptions/{exception.pk}/").content.decode()


def test_each_hop_is_a_line_on_the_item(cast: Cast, sign_in: SignIn) -> None:
    set_escalation_policy(cast.team, severity="high", rungs=[Rung(5, HandTo.SECOND)], actor=cast.chief)
    exception, client = a_question(cast.agent, severity=Severity.HIGH), sign_in(cast.owner)
    assert "next person in" in _text(client, exception)
    _handed_on(exception)
    said = _text(client, exception)
    assert "Amelia did not answer: handed to Dev" in said
    assert "It is Dev’s turn." in said


def test_what_came_before_is_counted_with_its_last_cause(cast: Cast, sign_in: SignIn) -> None:
    first = a_question(cast.agent)
    resolve_exception(first)
    RunException.objects.filter(pk=first.pk).update(root_cause="vendor")
    exception, _other = a_question(cast.agent), a_question(cast.agent)
    said = _text(sign_in(cast.owner), exception)
    assert "the same came 1 time before" in said
    assert "1 more is open" in said
    assert "last cause: The vendor or the connection failed" in said
