"""What is promised of a flow: written down, held beside what its runs did, shown where they are looked at."""

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from agents.base.errors import Invalid
from agents.engine import Slo
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Flow
from agents.flows import attainment as attaining
from agents.flows.actions import equip
from agents.flows.attainment import Attainment, attainment
from agents.flows.models import FlowTerms
from agents.flows.terms import FIELDS, MOST_SECONDS, Terms, first_terms, set_flow_terms
from agents.people.models import User
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, RunState
from agents.runs.models import Run, Step
from audit.models import AuditEvent
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.runs.toys import line, step

__all__ = ["machine"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
PAGE = "/flows/triage/"


def ended(cast: Cast, state: RunState, took_s: int, waited_s: int = 0) -> Run:
    """A run of the agent's flow that is over; with a wait, a person was asked."""
    now = timezone.now()
    run = Run.objects.create(
        agent=cast.agent,
        flow_version=cast.agent.assignment.flow_version,
        state=state,
        started_at=now - timedelta(seconds=took_s + waited_s),
        finished_at=now,
    )
    if waited_s:
        asked = {"started_at": now - timedelta(seconds=waited_s), "finished_at": now}
        Step.objects.create(run=run, key="escalate/1", seq=1, node="escalate", kind="person", **asked)
    return run


def test_what_was_kept_of_a_promise_leaves_the_wait_for_people_out(cast: Cast) -> None:
    equip(cast.agent, actor=cast.owner)
    ended(cast, RunState.DONE, 5)
    ended(cast, RunState.DONE, 5, waited_s=3600)
    ended(cast, RunState.FAILED, 90)
    Run.objects.create(agent=cast.agent, flow_version=cast.agent.assignment.flow_version, state=RunState.QUEUED)
    assert attainment(Run.objects.all(), 20) == Attainment(n=3, resolved=2, diverted=1, in_time=2)
    assert attainment(Run.objects.filter(title="none"), 20).percent(0) is None
    tool = {"started_at": timezone.now() - timedelta(seconds=80), "finished_at": timezone.now()}
    Step.objects.create(run=Run.objects.get(state=RunState.FAILED), key="a/1", seq=1, node="a", kind="tool", **tool)
    assert attainment(Run.objects.all(), 20) == Attainment(n=3, resolved=2, diverted=1, in_time=2)
    assert attainment(Run.objects.all(), None).in_time == 0


def test_of_more_runs_than_are_looked_at_the_newest_are(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    equip(cast.agent, actor=cast.owner)
    monkeypatch.setattr(attaining, "MOST", 1)
    for state in (RunState.DONE, RunState.FAILED):
        ended(cast, state, 5)
    assert attainment(Run.objects.all(), 20) == Attainment(n=1, resolved=0, diverted=0, in_time=1)


def test_two_active_owners_of_the_first_agent_answer_for_its_flow_and_a_trainee_does_not(cast: Cast) -> None:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND), (cast.trainee, OwnerRole.TRAINEE)
    first = make_agent(cast.team, "first", *seats, lifecycle=Lifecycle.ONBOARDING)
    User.objects.filter(pk=cast.second.pk).update(is_active=False)
    kept = Flow.objects.create(team=cast.team, slug="toy", name="toy", pattern="chain")
    for agent, latency_ms in ((first, 1_500), (cast.rival_agent, 9_000)):
        first_terms(kept, replace(line("toy", step("a")), slo=Slo(latency_ms=latency_ms)), agent)
    terms = FlowTerms.objects.get(flow=kept)
    assert (terms.owner, terms.second_owner, terms.seconds) == (cast.owner, None, 2)


def test_no_more_is_promised_than_can_be_and_nobody_answers_who_is_not_there(cast: Cast) -> None:
    kept = Flow.objects.create(team=cast.team, slug="toy", name="toy", pattern="chain")
    User.objects.filter(pk=cast.second.pk).update(is_active=False)
    beyond = Terms(cast.rival, cast.second, MOST_SECONDS + 1, -1, 101, "x" * 301, "x" * 10_001)
    with pytest.raises(Invalid) as refused:
        set_flow_terms(kept, beyond, actor=cast.chief)
    assert set(refused.value.fields) == set(FIELDS)
    assert not FlowTerms.objects.filter(flow=kept).exists()


def test_a_flow_ships_with_promises_and_the_owners_of_the_first_agent_that_runs_it(cast: Cast) -> None:
    equip(cast.agent, actor=cast.owner)
    terms = FlowTerms.objects.get(flow__slug="triage")
    assert (terms.owner, terms.second_owner, terms.seconds) == (cast.owner, cast.second, 20)


def test_the_page_holds_each_promise_against_what_became_of_it(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent, actor=cast.owner)
    ended(cast, RunState.FAILED, 90)
    text = unescape(sign_in(cast.owner).get(PAGE).content.decode())
    assert "Held against 1 run of the last 30 days that is over." in text
    assert text.count("not kept") == 2  # neither in time nor done; nobody was asked


def test_promises_are_changed_by_who_sets_rules_and_shown_on_runs_and_alerts(cast: Cast, sign_in: SignIn) -> None:
    equip(cast.agent, actor=cast.owner)
    people = {"owner": cast.engineer.pk, "second_owner": cast.manager.pk}
    given = {**people, "seconds": 30, "resolved_percent": 80, "diverted_percent": 50, "runbook": "Call Dev first."}
    assert sign_in(cast.owner).post(f"{PAGE}terms/", given).status_code == 403
    assert sign_in(cast.operations).post(f"{PAGE}terms/", given).status_code == 302
    assert AuditEvent.objects.filter(verb="flow_terms.set").count() == 1
    assert "Call Dev first." in sign_in(cast.owner).get(PAGE).content.decode()
    run = ended(cast, RunState.DONE, 5)
    text = sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()
    assert "Emil answers for it" in text
    assert f'href="{PAGE}#runbook"' in text
    raised = raise_exception(cast.agent, kind=ExceptionKind.FAILURE, title="It failed", run=run)
    alert = sign_in(cast.owner).get(f"/exceptions/{raised.pk}/").content.decode()
    assert "Emil answers for it" in alert
    assert f'href="{PAGE}#runbook"' in alert


def test_one_person_is_not_two_owners(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.chief).post(f"{PAGE}terms/", {"owner": cast.owner.pk, "second_owner": cast.owner.pk})
    assert answer.status_code == 422
    assert "The second owner is somebody else." in answer.content.decode()
    assert sign_in(cast.chief).get("/flows/nothing/terms/").status_code == 404


def test_machines_read_and_write_what_is_promised(cast: Cast, machine: MakeMachine) -> None:
    nothing = {"owner": None, "second_owner": None, "seconds": None, "resolved_percent": None}
    status, told = machine("owner").get("/flows/chaining/terms")
    assert (status, nothing.items() <= told.items(), told["kept"]["n"]) == (200, True, 0)
    given = {"owner": cast.owner.email, "second_owner": cast.second.email, "seconds": 40, "runbook": "Stop it."}
    status, told = machine("chief").call("PUT", "/flows/chaining/terms", given)
    assert (status, given.items() <= told.items()) == (200, True)
    status, problem = machine("chief").call("PUT", "/flows/chaining/terms", {"owner": "who@else.example"})
    assert (status, list(problem["fields"])) == (422, ["owner"])
    assert machine("chief").get("/flows/nothing/terms")[0] == 404
