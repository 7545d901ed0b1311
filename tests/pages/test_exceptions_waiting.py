"""The inbox of what waits: priced, answered beside the list, and what is the same again is one row."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agents.base.money import MICRO
from agents.fleet.models import Agent
from agents.runs.actions import resolve_exception
from agents.runs.enums import ExceptionKind, RunState, Severity
from agents.runs.models import RunException
from agents.runs.queries import Opened, Where, folds
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run, an_approval

FRAGMENT = {"HX-Request": "true", "HX-Target": "inline"}


def silence(agent: Agent, **more: Any) -> RunException:
    return a_question(agent, kind=ExceptionKind.SILENCE, title="Nothing since 9", schema={}, **more)


def priced(agent: Agent, hourly: int) -> None:
    agent.waiting_cost_micros_per_hour = hourly * MICRO
    agent.save(update_fields=["waiting_cost_micros_per_hour"])


def older(exception: RunException, hours: int) -> None:
    RunException.objects.filter(pk=exception.pk).update(opened_at=timezone.now() - timedelta(hours=hours))


def opened(cast: Cast, **where: str) -> Opened:
    return Opened(cast.owner, cast.team, Where(**where))


def leads(cast: Cast) -> set[uuid.UUID]:
    return {place.exception for place in opened(cast).page(50)}


def test_what_waits_for_a_person_is_listed_counted_and_priced(cast: Cast, sign_in: SignIn) -> None:
    priced(cast.agent, 30)
    asked = a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
    older(asked, 2)
    silence(cast.agent)
    page = sign_in(cast.owner).get("/exceptions/?need=waiting")
    assert [row.exception for row in page.context["rows"]] == [asked]
    assert sum(figure.count for figure in page.context["figures"]) == 1
    assert page.context["rows"][0].price.startswith("$60.")
    assert "$30.00 an hour idle, $60." in page.content.decode()


def test_an_agent_waits_once_however_much_it_asks(cast: Cast) -> None:
    priced(cast.agent, 30)
    older(a_question(cast.agent, title="One?"), 3)
    older(a_question(cast.agent, title="Two?"), 1)
    [said] = opened(cast).idle()
    assert (said.currency, said.agents, said.micros_per_hour) == ("USD", 1, 30 * MICRO)
    assert said.micros_so_far == pytest.approx(90 * MICRO, rel=0.001)


def test_the_same_again_is_one_row_with_its_count(cast: Cast, sign_in: SignIn) -> None:
    first, *_more, last = (silence(cast.agent) for _ in range(3))
    other = a_question(cast.agent)
    assert leads(cast) == {first.pk, other.pk}
    fold = folds([first, other])
    assert fold.keys() == {first.pk}
    assert (fold[first.pk].count, fold[first.pk].last) == (3, last.opened_at)
    assert "3 times" in sign_in(cast.owner).get("/exceptions/").content.decode()


def test_what_has_become_more_urgent_has_a_row_of_its_own(cast: Cast) -> None:
    first, urgent = silence(cast.agent), silence(cast.agent, severity=Severity.HIGH)
    assert leads(cast) == {first.pk, urgent.pk}


def test_two_proposals_that_differ_are_two_rows(cast: Cast) -> None:
    both = {an_approval(cast.agent, proposal={"amount": amount}).pk for amount in (1, 2)}
    assert leads(cast) == both


def test_an_answer_is_given_beside_the_list(cast: Cast, sign_in: SignIn) -> None:
    exception, client = an_approval(cast.agent), sign_in(cast.owner)
    listed = client.get("/exceptions/").content.decode()
    assert f'hx-get="/exceptions/{exception.pk}/" hx-target="#inline"' in listed
    shown = client.get(f"/exceptions/{exception.pk}/", headers=FRAGMENT)
    assert "What will happen if you approve" in shown.content.decode()
    assert 'value="approve"' in shown.content.decode()
    assert "<html" not in shown.content.decode()


def test_the_clock_stops_with_the_answer(cast: Cast, sign_in: SignIn) -> None:
    priced(cast.agent, 30)
    exception = silence(cast.agent)
    older(exception, 2)
    resolve_exception(exception)
    RunException.objects.filter(pk=exception.pk).update(resolved_at=timezone.now() - timedelta(hours=1))
    said = sign_in(cast.owner).get(f"/exceptions/{exception.pk}/").content.decode()
    assert re.search(r"It waited 1\Whour\b", said), re.findall("It waited.*", said)
    assert "$30.00" in said


def test_the_row_names_whose_turn_it_is(cast: Cast, sign_in: SignIn) -> None:
    item = a_question(cast.agent).item
    item.assignee = cast.backup
    item.save(update_fields=["assignee"])
    mine = sign_in(cast.backup).get(f"/exceptions/?owner={cast.backup.pk}")
    assert [row.exception.item for row in mine.context["rows"]] == [item]
    assert f'<td class="side-by">{cast.backup.name}' in mine.content.decode()
