"""What people look at by lot: drawn by a keyed hash, put before them once, judged, and held against machines."""

from typing import Any

import pytest
from django.utils import timezone

from agents.base.errors import Invalid
from agents.engine.guardrails import Draft
from agents.fleet.actions import set_policy
from agents.fleet.enums import Lifecycle, Observed
from agents.fleet.models import Agent, AgentStatus, Flow, FlowVersion
from agents.runs.actions import assess_runs, decide
from agents.runs.actions.rules import propose_rule
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Assessment, DailyReview, Decision, Flaw, Run, RunException
from agents.runs.queries import digests, sampled
from agents.runs.queries.sampled import Sampled
from agents.runs.sampling import Rate, impact, lot, rate_of
from agents.runs.services import services_for
from agents.runs.suspicion.trace import Act, Trace
from console.kpis.board import board
from console.kpis.scope import Scope
from tests.cast import Cast
from tests.morning.stage import ago, ran, review

K = DecisionKind
ALL = {"*": {"share": 1}}


def drawing(cast: Cast, **rates: Any) -> None:
    set_policy(cast.team, statement="Look at some.", rules={"samples": rates or ALL}, actor=cast.chief)


def said(cast: Cast, exception: RunException, kind: DecisionKind) -> Decision:
    return decide(exception.item, actor=cast.owner, kind=kind, idempotency_key=str(exception.pk))


def change(given: str) -> Act:
    return Act("refund", "tool", effect="write", given=given)


def test_the_lot_draws_its_share_and_the_same_runs_again() -> None:
    runs = [Run().pk for _ in range(1000)]
    tenth = {run for run in runs if Rate(0.1).draws(run, 0)}
    assert 50 < len(tenth) < 160
    assert tenth <= {run for run in runs if Rate(0.3).draws(run, 0)}
    assert [lot(run) for run in runs] == [lot(run) for run in runs]


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (Trace(), None),
        (Trace(outputs=("You get $1,250.50 back, not $30.",)), 1250.5),
        (Trace(outputs=("Done.",)), 0),
        (Trace(acts=(change('{"amount": 80}'),)), 80),
        (Trace(acts=(change('{"amount": 80, cut'),)), 0),
    ],
    ids=["nothing left", "money said", "no money", "money moved", "cut off"],
)
def test_the_impact_of_a_run_is_the_largest_amount_that_left_it(seen: Trace, found: float | None) -> None:
    assert impact(seen) == found


def test_an_agent_s_own_rate_goes_before_its_flow_s_and_that_before_all_and_an_amount_narrows_it() -> None:
    rates = {"refund-agent": {"share": 1, "least": 50}, "triage": {"share": 0.2}, "*": {"share": 0.5, "before": True}}
    rules = {"samples": rates}
    triage = FlowVersion(flow=Flow(slug="triage"))
    own = rate_of(rules, Run(agent=Agent(slug="refund-agent"), flow_version=triage))
    assert own == Rate(1, 50)
    other = Agent(slug="other")
    assert rate_of(rules, Run(agent=other, flow_version=triage)) == Rate(0.2)
    assert rate_of(rules, Run(agent=other)) == Rate(0.5, 0, True)
    assert rate_of({}, Run(agent=other)) is None
    assert [own.draws(Run().pk, amount) for amount in (None, 49.0, 50.0)] == [False, False, True]


def test_what_is_drawn_is_put_before_people_once_with_what_it_put_out(cast: Cast) -> None:
    drawing(cast)
    first, second = (ran(cast.agent, ago(hours=1), "reply") for _ in range(2))
    ran(cast.agent, ago(hours=1))
    assert assess_runs() == 3
    Assessment.objects.update(at=ago(hours=2))
    assert assess_runs() == 3
    found = RunException.objects.order_by("pk")
    assert {each.run_id for each in found} == {first.pk, second.pk}
    assert {each.detail for each in found} == {"reply 0"}
    assert len({each.fingerprint for each in found}) == 2, "each is judged by itself"
    assert found[0].evidence == {"drawn": "100 %"}


def test_without_a_rule_or_below_its_amount_nobody_is_asked(cast: Cast) -> None:
    ran(cast.agent, ago(hours=1), "reply")
    assert assess_runs() == 1
    drawing(cast, **{cast.agent.slug: {"share": 1, "least": 50}})
    ran(cast.agent, ago(hours=1), "reply")
    assert assess_runs() == 1
    assert not RunException.objects.exists()
    assert not Assessment.objects.filter(drawn=True).exists()


def test_a_run_that_a_person_has_judged_is_drawn_and_not_asked_about_again(cast: Cast) -> None:
    drawing(cast)
    ran(cast.agent, ago(hours=1), "reply")
    assess_runs()
    said(cast, RunException.objects.get(), K.APPROVE)
    Assessment.objects.update(drawn=False, at=ago(hours=2))
    assess_runs()
    assert RunException.objects.count() == 1
    assert Assessment.objects.get().drawn


def test_a_sample_makes_no_agent_wait_and_once_judged_no_day_loud(cast: Cast) -> None:
    drawing(cast)
    day: DailyReview = review(cast.agent, ago(hours=2))
    ran(cast.agent, ago(hours=1), "reply")
    assess_runs()
    assert AgentStatus.objects.get(agent=cast.agent).state != Observed.WAITING_ON_HUMAN
    assert digests([day], ago())[day.pk].is_quiet


def test_what_is_rejected_is_a_flaw_and_no_rule_is_made_of_it(cast: Cast) -> None:
    drawing(cast)
    run = ran(cast.agent, ago(hours=1), "reply")
    assess_runs()
    sample = RunException.objects.get()
    decision = said(cast, sample, K.REJECT)
    assert Flaw.objects.get().run_id == run.pk
    with pytest.raises(Invalid, match="No rule can be made"):
        propose_rule(decision, actor=cast.owner, conditions=[], most_a_day=1, most_micros=None, expires_at=ago(days=-1))


def test_people_and_machines_are_held_against_each_other(cast: Cast) -> None:
    drawing(cast)
    for kind, doubt in ((K.APPROVE, 0.1), (K.APPROVE, 0.9), (K.REJECT, 0.1), (K.REJECT, 0.9), (None, 0.1)):
        run = ran(cast.agent, ago(hours=1), "reply")
        assess_runs()
        Assessment.objects.filter(run=run).update(p_wrong=doubt)
        if kind:
            said(cast, RunException.objects.get(run=run), kind)
    found = sampled(cast.team.pk, [cast.agent.pk])
    assert found == Sampled(drawn=5, judged=4, wrong=2, missed=1, in_vain=1)
    assert (found.disagreement, round(found.at_most, 2)) == (0.5, 0.9)
    assert sampled(cast.team.pk, []).at_most == 1
    shown = board(Scope(cast.owner, cast.team, timezone.localdate(), 7)).figures
    kpis = {key: shown[key].value for key in ("sampled_right", "checks_agree", "deflection_rate")}
    assert kpis == {"sampled_right": 50, "checks_agree": 50, "deflection_rate": 100}, (
        "whom the lot asks is not asked for"
    )


def test_before_it_leaves_a_person_sees_what_the_lot_fell_on(cast: Cast) -> None:
    cast.agent.lifecycle = Lifecycle.LIVE
    run = Run(agent=cast.agent, state=RunState.RUNNING)

    def refused(text: str, **rate: Any) -> list[str]:
        drawing(cast, **{cast.agent.slug: {"share": 1, **rate}})
        rules = services_for(run).guardrails
        return [rule.name for rule in rules if rule.name == "sample" and not rule.judge(Draft(text)).passed]

    assert refused("You get $60.", before=True, least=50) == ["sample"]
    assert refused("You get $50.", before=True, least=50) == ["sample"]
    assert refused("You get $49.", before=True, least=50) == []
    assert refused("You get $60.") == []
