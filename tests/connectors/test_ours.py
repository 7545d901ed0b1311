"""Our own agents through the same contract: what they are told is read back from rows, what they are asked is a run."""

import pytest

from agents.base.errors import Refused
from agents.connectors import hooks
from agents.connectors.contract import VendorError
from agents.connectors.enums import Problem, Rung
from agents.connectors.registry import adapter
from agents.fleet.models import Agent, KnowledgePassage, Model
from agents.runs.enums import RunState
from agents.runs.models import Budget, Run, Step
from tests.cast import Cast
from tests.pages.stage import equip as give_work
from tests.rehearsal.fixtures import Rehearsal


def equip(agent: Agent) -> None:
    give_work(agent)
    Model.objects.create(
        team=agent.team, provider="rehearsal", name="rehearsal-standard", tier="standard", is_rehearsal=True
    )


def test_context_is_stored_only_when_the_next_run_will_read_exactly_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = adapter(cast.agent)
    assert ours.push_context("20 % off", version_id="1", key="k").rung == Rung.SENT
    monkeypatch.setattr(hooks, "next_context", lambda agent: "Known:\n20 % off\n")
    assert ours.push_context("20 % off", version_id="1", key="k").rung == Rung.STORED
    assert ours.confirm("1", "20 % off until Friday") is None


def test_nothing_assigned_is_no_healthy_agent(cast: Cast) -> None:
    with pytest.raises(VendorError) as refused:
        adapter(cast.agent).health()
    assert refused.value.kind == Problem.SETUP


@pytest.mark.usefixtures("use_rehearsal")
def test_a_question_is_a_run_with_one_step_and_the_same_key_gets_the_first_answer(
    cast: Cast, rehearsal: Rehearsal
) -> None:
    equip(cast.agent)
    asked = [adapter(cast.agent).ask("What waits for me?", key="1") for _ in range(2)]
    assert asked[0] is not None
    assert asked[0].text
    assert asked[0] == asked[1]
    assert asked[0].rehearsal
    run = Run.objects.get(external_id="ask:1")
    assert (run.state, run.steps.count(), len(rehearsal.calls())) == (RunState.DONE, 1, 1)
    assert not Budget.objects.exclude(reserved_micros=0).exists()


@pytest.mark.usefixtures("use_rehearsal")
def test_it_looks_up_what_it_is_asked(cast: Cast) -> None:
    equip(cast.agent)
    policy = {"title": "Refunds", "text": "A refund takes five to ten business days."}
    KnowledgePassage.objects.create(agent=cast.agent, source="policy.md", ordinal=1, **policy)
    answer = adapter(cast.agent).ask("How long does a refund take?", key="1")
    assert answer is not None
    assert "five to ten business days" in answer.text


@pytest.mark.usefixtures("use_rehearsal")
def test_a_question_without_an_answer_is_no_failure_of_the_agent(cast: Cast, rehearsal: Rehearsal) -> None:
    equip(cast.agent)
    rehearsal.script([{"kind": "500", "times": 3}])
    with pytest.raises(VendorError):
        adapter(cast.agent).ask("What waits for me?", key="1")
    assert Run.objects.get(external_id="ask:1").state == RunState.CANCELLED
    assert Step.objects.get(run__external_id="ask:1").error


def test_a_question_nobody_budgeted_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        adapter(cast.agent).ask("What waits for me?", key="1")
