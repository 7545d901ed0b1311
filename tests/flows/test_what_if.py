"""What a run would come to today: with today's prompts, models and policy, and nothing that has an effect."""

import uuid
from typing import Any

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.actions import set_policy
from agents.fleet.models import Model, Price, PromptVersion
from agents.runs import actions
from agents.runs.actions.what_ifs import LOST, sweep_what_ifs
from agents.runs.enums import BudgetScope, RunState, WhatIfState
from agents.runs.invariants import INVARIANTS
from agents.runs.models import Budget, Output, Run, Step, ToolUse, WhatIf
from agents.runs.queries.what_ifs import sides
from audit.models import AuditEvent
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, classified, finding, prompts
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
CHAIN = (finding(said="late"), {"reply": "Sorry."}, {"score": 0.9, "critique": ""})


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


@pytest.fixture
def chain(bench: Bench) -> Run:
    """A run of three calls to a model that is done."""
    bench.says(*CHAIN)
    run = bench.run("chaining")
    assert run.state == RunState.DONE
    return run


def what_if(bench: Bench, run: Run, *replies: Any) -> WhatIf:
    """Asked by the bench's person and carried out, the model saying `replies`."""
    asked = actions.ask_what_if(run, actor=bench.actor)
    bench.says(*replies)
    actions.carry_out_what_if(asked.pk)
    asked.refresh_from_db()
    return asked


def kept(run: Run) -> tuple[Any, ...]:
    """All that an effect could have changed."""
    rows = (Run, Step, Output, ToolUse)
    return tuple(list(model.objects.order_by("pk").values()) for model in rows)


def breaches() -> list[str]:
    return [breach for _name, ask in INVARIANTS for breach in ask()]


def test_today_s_prompt_is_asked_and_what_differs_stands_beside_what_was(bench: Bench, chain: Run) -> None:
    library = PromptVersion.objects.filter(flow="roles", role="writer").order_by("-number").first()
    assert library
    PromptVersion.objects.create(
        team=library.team, flow=library.flow, role="writer", number=library.number + 1, system="S", task="Be brief."
    )
    before = kept(chain)
    found = what_if(bench, chain, CHAIN[0], {"reply": "Sorry!"}, {"score": 0.95, "critique": ""})
    assert (found.state, found.outcome["state"], kept(chain) == before) == (WhatIfState.DONE, "done", True)
    assert "Be brief." in str(bench.model.calls()[-2]["body"]["messages"])
    changed = {pair.key: pair.changed for pair in sides(found)}
    assert changed == {
        "understand/1": [],
        "draft/1": ["output", "prompt_version"],
        "check/1": ["input", "output"],
        "answer/1": ["input", "output"],
    }
    assert breaches() == []


def test_it_is_paid_for_by_the_day_and_never_by_more_than_was_booked(bench: Bench, chain: Run) -> None:
    for model in Model.objects.filter(team=bench.agent.team):
        Price.objects.create(model=model, since="2020-01-01", input_micros=10**6, output_micros=10**6)
    day = Budget.objects.get(scope=BudgetScope.AGENT_DAY, scope_id=bench.agent.pk)
    asked = actions.ask_what_if(chain, actor=bench.actor)
    assert asked.most_micros == bench.agent.assignment.run_cap_micros
    booked = Budget.objects.get(pk=day.pk)
    assert booked.spent_micros - day.spent_micros == asked.most_micros
    assert breaches() == []
    bench.says(*CHAIN)
    actions.carry_out_what_if(asked.pk)
    asked.refresh_from_db()
    settled = Budget.objects.get(pk=day.pk)
    assert asked.cost_micros == sum(step["cost_micros"] for step in asked.steps) > 0
    assert settled.spent_micros + settled.overrun_micros - day.spent_micros == asked.cost_micros
    assert (breaches(), Run.objects.get(pk=chain.pk).cost_micros) == ([], chain.cost_micros)


def test_a_day_without_room_refuses_and_books_nothing(bench: Bench, chain: Run) -> None:
    Budget.objects.filter(scope=BudgetScope.AGENT_DAY).update(cap_micros=bench.agent.assignment.run_cap_micros - 1)
    with pytest.raises(Invalid) as refused:
        actions.ask_what_if(chain, actor=bench.actor)
    assert (refused.value.code, WhatIf.objects.count(), breaches()) == ("budget", 0, [])


def test_what_is_dearer_than_what_was_set_aside_stops_before_the_call(bench: Bench, chain: Run) -> None:
    asked = actions.ask_what_if(chain, actor=bench.actor)
    WhatIf.objects.filter(pk=asked.pk).update(most_micros=1)
    actions.carry_out_what_if(asked.pk)
    asked.refresh_from_db()
    assert (asked.outcome["state"], asked.steps, len(prompts(bench))) == ("stopped", [], 3)


def test_a_text_that_would_leave_is_shown_and_does_not_leave(bench: Bench) -> None:
    bench.says(classified(), {"reply": "Refunds arrive within 5 to 10 working days [p1]."})
    run = bench.run("triage", "When does my refund arrive?")
    assert (run.state, Output.objects.count()) == (RunState.DONE, 1), run.reason
    before = kept(run)
    found = what_if(bench, run, classified(), {"reply": "They arrive within 5 to 10 working days [p1]."})
    assert (found.outcome["state"], found.outcome["key"]) == ("acts", "publish/1")
    assert "They arrive" in str(found.outcome["input"])
    assert kept(run) == before
    changed = {pair.key: pair.changed for pair in sides(found) if not pair.same}
    assert "retrieve/1" not in changed
    assert "input" in changed["publish/1"]


def test_a_text_that_is_the_same_again_counts_as_sent(bench: Bench) -> None:
    said = (classified(), {"reply": "Refunds arrive within 5 to 10 working days [p1]."})
    bench.says(*said)
    run = bench.run("triage", "When does my refund arrive?")
    found = what_if(bench, run, *said)
    assert (found.outcome, Output.objects.count()) == ({"state": "done", "result": run.result}, 1)


def test_a_stricter_policy_asks_a_person_who_is_not_asked(cast: Cast, bench: Bench) -> None:
    said = (classified(), {"reply": "Refunds arrive within 5 to 10 working days [p1]."})
    bench.says(*said)
    run = bench.run("triage", "When does my refund arrive?")
    rules = {"prohibited_terms": ["working days"]}
    now = set_policy(bench.agent.team, statement="Nobody promises days.", rules=rules, actor=cast.chief)
    found = what_if(bench, run, *said, said[1], said[1])
    assert found.policy_number == now.number
    assert found.outcome["state"] == "asks"
    assert not run.exceptions.exists()


def test_a_failing_model_is_a_result_and_nothing_is_tried_again_later(bench: Bench, chain: Run) -> None:
    found = what_if(bench, chain, {"kind": "429", "retry_after": 60, "times": 2})
    assert (found.state, found.outcome) == (WhatIfState.DONE, {"state": "stopped", "reason": "retry"})


def test_it_is_asked_once_at_a_time_and_carried_out_once(bench: Bench, chain: Run) -> None:
    asked = actions.ask_what_if(chain, actor=bench.actor)
    assert actions.ask_what_if(chain, actor=bench.actor) == asked
    bench.says(*CHAIN)
    actions.carry_out_what_if(asked.pk)
    actions.carry_out_what_if(asked.pk)
    assert len(prompts(bench)) == 6
    verbs = AuditEvent.objects.filter(object_id=chain.pk, verb__startswith="what_if").order_by("seq")
    assert list(verbs.values_list("verb", flat=True)) == ["what_if.asked", "what_if.over"]


def test_one_whose_worker_died_ends_and_what_it_may_have_cost_stays_booked(bench: Bench, chain: Run) -> None:
    asked = actions.ask_what_if(chain, actor=bench.actor)
    began = asked.created_at - 2 * LOST
    WhatIf.objects.filter(pk=asked.pk).update(state=WhatIfState.RUNNING, started_at=began)
    spent = Budget.objects.get(scope=BudgetScope.AGENT_DAY, scope_id=bench.agent.pk).spent_micros
    sweep_what_ifs()
    asked.refresh_from_db()
    assert asked.state == WhatIfState.FAILED
    assert Budget.objects.get(scope=BudgetScope.AGENT_DAY, scope_id=bench.agent.pk).spent_micros == spent
    assert breaches() == []


def test_who_may_not_instruct_the_agent_and_runs_that_go_on_or_are_not_ours_are_refused(
    cast: Cast, bench: Bench, chain: Run
) -> None:
    with pytest.raises(NotAllowed):
        actions.ask_what_if(chain, actor=cast.auditor)
    going = Run(pk=uuid.uuid4(), agent=bench.agent, flow_version=chain.flow_version, state=RunState.RUNNING)
    with pytest.raises(Conflict, match="not over"):
        actions.ask_what_if(going, actor=cast.owner)
    with pytest.raises(Conflict):
        actions.ask_what_if(Run(agent=bench.agent, source="api", state=RunState.DONE), actor=cast.owner)
