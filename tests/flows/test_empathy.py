"""Pattern 23, hybrid of people and AI, in the default flow: what wants empathy is no machine's to answer."""

import pytest

from agents.fleet import actions as fleet
from agents.fleet.actions import set_policy
from agents.fleet.models import Agent
from agents.flows.actions import equip, try_flow
from agents.flows.catalog import recipe
from agents.runs.actions import start_run
from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Run
from tests.cast import Cast
from tests.flows.test_triage import REFUNDS, SURE, says
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
TOLD = "How many working days until refunds arrive? My husband has died."


@pytest.fixture
def desk(cast: Cast) -> Agent:
    fleet.add_knowledge(cast.agent, source="refunds.md", text=REFUNDS, actor=cast.owner)
    equip(cast.agent, actor=cast.owner)
    return cast.agent


def walked(run: Run) -> tuple[Run, list[str]]:
    drive(run.pk)
    run.refresh_from_db()
    return run, list(run.steps.order_by("seq").values_list("node", flat=True))


def test_a_case_that_wants_empathy_goes_to_a_person_though_the_agent_is_sure(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    """The word that did it is in the step and in the briefing; the policy may name others (R-050)."""
    rehearsal.script([says(SURE | {"confidence": 1})] * 2)
    run, nodes = walked(start_run(desk, actor=cast.owner, input={"text": TOLD}, title="One"))
    assert (run.state, nodes) == (RunState.WAITING, ["classify", "escalate"])
    asked = run.exceptions.get()
    assert (run.steps.get(node="classify").output or {})["empathy"] == "has died"
    assert run.steps.get(node="escalate").reason == "the case wants empathy, however sure the agent is"
    assert ("speaks of “has died”" in asked.detail, asked.severity) == (True, "high")
    set_policy(cast.team, statement="As it is.", rules={"empathy_words": ["widow"]}, actor=cast.chief)
    _run, nodes = walked(start_run(desk, actor=cast.owner, input={"text": TOLD}, title="Two"))
    assert "escalate" not in nodes[:2]


def test_so_it_does_in_the_flow_of_the_pattern_however_calm_it_is_said(
    cast: Cast, desk: Agent, rehearsal: Rehearsal
) -> None:
    rehearsal.script([says(SURE | {"confidence": 1})])
    run, nodes = walked(try_flow(desk, recipe("hybrid"), actor=cast.owner, input={"text": TOLD}))
    assert (run.state, nodes) == (RunState.WAITING, ["feel", "escalate"])
