"""What customers did and said afterwards: kept with the conversation, told on the KPI board by agent and version."""

import pytest
from django.db import IntegrityError, transaction

from agents.base.errors import Invalid, NotAllowed
from agents.channels.actions import rate
from agents.channels.enums import Survey, Verdict
from agents.channels.models import Contact, Rating, Touch
from agents.fleet.enums import Function, OwnerRole
from agents.fleet.models import Agent
from agents.runs.enums import FoundBy, RunState
from agents.runs.models import Flaw, Run
from audit.models import AuditEvent
from console.kpis.board import Board
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.test_kpi_board import one, told

__all__ = ["machine"]


def value(found: Board, key: str) -> float | None:
    figure = found.figures.get(key)
    return figure.value if figure else None


@pytest.fixture
def agent(cast: Cast) -> Agent:
    cast.agent.function = Function.SUPPORT
    cast.agent.save(update_fields=["function"])
    return cast.agent


def spoke(agent: Agent, contact: Contact, ago: int = 1) -> Run:
    """A conversation with a customer, so many days ago."""
    run = one(agent, ago=ago)
    Touch.objects.create(contact=contact, agent=agent, run=run, at=run.created_at, verdict=Verdict.AS_RULED)
    return run


def customer(agent: Agent, key: str) -> Contact:
    return Contact.objects.create(team=agent.team, key=key)


def test_a_customer_who_comes_back_within_the_window_was_not_helped_at_first_contact(cast: Cast, agent: Agent) -> None:
    once, back, late, again = (customer(agent, key) for key in ("once", "back", "late", "again"))
    spoke(agent, once)
    spoke(agent, back, ago=3)
    spoke(agent, back, ago=1)
    spoke(agent, late, ago=6)
    spoke(agent, late, ago=2)
    Run.objects.create(agent=agent, rerun_of=spoke(agent, again), state=RunState.CANCELLED)
    one(agent)  # nobody knows whose it was
    assert value(told(cast, again=3), "first_contact_resolution") == 50
    assert value(told(cast, again=7), "first_contact_resolution") == pytest.approx(100 / 6)


def test_another_departments_words_are_no_second_contact(cast: Cast, agent: Agent) -> None:
    seller = make_agent(cast.team, "seller", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    seller.function = Function.SALES
    seller.save(update_fields=["function"])
    contact = customer(agent, "one")
    spoke(agent, contact)
    spoke(seller, contact)
    assert value(told(cast), "first_contact_resolution") == 100


def test_answers_tell_satisfaction_and_the_rest_is_estimated_and_says_so(cast: Cast, agent: Agent) -> None:
    runs = [one(agent) for _n in range(4)]
    for run, score in zip(runs, (5, 4, 1), strict=False):
        rate(run, actor=cast.owner, survey=Survey.CSAT, score=score)
    for run, score in zip(runs, (10, 9, 7, 6), strict=True):
        rate(run, actor=cast.owner, survey=Survey.NPS, score=score)
    Flaw.objects.create(agent=agent, run=one(agent), found_by=FoundBy.PERSON)
    found = told(cast)
    assert value(found, "csat") == pytest.approx(200 / 3)
    assert (value(found, "nps"), value(found, "csat_proxy")) == (25, 50)
    assert "estimated without a survey" in str(found.figures["csat_proxy"].kpi.name)
    assert found.parts[0].values["csat"].value == pytest.approx(200 / 3)


def test_the_last_answer_counts_and_is_in_the_trail(cast: Cast, agent: Agent) -> None:
    run = one(agent)
    rate(run, actor=cast.owner, survey=Survey.CSAT, score=2)
    rate(run, actor=cast.owner, survey=Survey.CSAT, score=4)
    assert list(Rating.objects.values_list("score", flat=True)) == [4]
    assert AuditEvent.objects.filter(verb="run.rated", object_id=run.pk).count() == 2


def test_an_answer_beyond_its_scale_or_by_a_stranger_is_refused(cast: Cast, agent: Agent) -> None:
    run = one(agent)
    for survey, score in ((Survey.CSAT, 0), (Survey.CSAT, 6), (Survey.NPS, 11), (Survey.NPS, -1)):
        with pytest.raises(Invalid, match="Give a number from"):
            rate(run, actor=cast.owner, survey=survey, score=score)
    with pytest.raises(NotAllowed):
        rate(run, actor=cast.rival, survey=Survey.CSAT, score=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(run=run, survey=Survey.CSAT, score=6)


def test_a_person_keeps_the_answer_on_the_page_of_the_run(cast: Cast, agent: Agent, sign_in: SignIn) -> None:
    run, client = one(agent), sign_in(cast.owner)
    wrong = client.post(f"/runs/{run.pk}/rating/", {"survey": "csat", "score": "9"})
    assert wrong.status_code == 422
    assert 'value="9"' in wrong.content.decode()
    assert "Give a number from 1 to 5." in wrong.content.decode()
    assert client.post(f"/runs/{run.pk}/rating/", {"survey": "csat", "score": "4"}).status_code == 302
    assert "satisfied: 4 / 5" in client.get(f"/runs/{run.pk}/").content.decode()


def test_a_machine_names_the_conversation_by_its_number_elsewhere(
    cast: Cast, agent: Agent, machine: MakeMachine
) -> None:
    run, caller = one(agent, external_id="T-7"), machine("owner", "review")
    status, said = caller.post(f"/agents/{agent.slug}/ratings", {"external_id": "T-7", "survey": "nps", "score": 9})
    assert (status, said["run"], said["score"]) == (201, str(run.pk), 9)
    assert caller.post(f"/agents/{agent.slug}/ratings", {"external_id": "T-8", "survey": "nps", "score": 9})[0] == 404
    assert caller.post(f"/runs/{run.pk}/ratings", {"survey": "csat", "score": 7})[0] == 422
    assert caller.post(f"/runs/{run.pk}/ratings", {"survey": "csat", "score": 5})[0] == 201


def test_the_window_is_part_of_the_boards_address(cast: Cast, agent: Agent, sign_in: SignIn) -> None:
    spoke(agent, customer(agent, "one"))
    page = sign_in(cast.owner).get("/kpis/?again=3").content.decode()
    assert "again=3" in page
    assert '<option value="3" selected>back within 3 days' in page
