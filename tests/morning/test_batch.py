"""Quiet agents are approved together, each with its own decision and its own line in the trail."""

import pytest
from django.utils import timezone

from agents.base.errors import NotAllowed
from agents.fleet.actions import observe
from agents.fleet.enums import Observed, OwnerRole
from agents.fleet.models import Agent, KpiPoint, KpiTarget, PolicyVersion
from agents.runs.actions import batch_approve, check_outputs, decide_review, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind, ReviewState
from agents.runs.models import DailyReview, Decision, Output
from audit.models import AuditEvent
from tests.cast import Cast, make_agent
from tests.morning.stage import ago, ran, review


def more(cast: Cast, *slugs: str) -> list[Agent]:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    return [make_agent(cast.team, slug, *seats) for slug in slugs]


def test_quiet_agents_are_approved_in_one_act_with_what_was_sampled(cast: Cast) -> None:
    agents = [cast.agent, *more(cast, "one", "two")]
    for agent in agents:
        for hours in (1, 2, 3):
            ran(agent, ago(hours=hours), "reply")
    reviews = [review(agent, ago(hours=9)) for agent in agents]
    batch = batch_approve(reviews, actor=cast.owner)
    assert (len(batch.approved), batch.left) == (3, [])
    events = AuditEvent.objects.filter(verb="review.decided")
    assert set(events.values_list("agent_id", flat=True)) == {agent.pk for agent in agents}
    for each in DailyReview.objects.all():
        assert each.state == ReviewState.APPROVED
        assert Output.objects.filter(run__agent=each.agent, pk__in=each.samples).count() == 2


def test_the_same_two_outputs_are_sampled_for_page_and_record(cast: Cast) -> None:
    for hours in range(1, 8):
        ran(cast.agent, ago(hours=hours), "reply")
    today, drawn = review(cast.agent, ago(hours=9)), timezone.now()
    ran(cast.agent, timezone.now(), "reply")
    batch_approve([today], actor=cast.owner, until=drawn)
    today.refresh_from_db()
    assert (today.until, len(today.samples)) == (drawn, 2)
    seen = today.samples
    DailyReview.objects.update(state="pending", until=None, samples=[])
    Decision.objects.all().delete()
    batch_approve([today], actor=cast.owner, until=drawn)
    today.refresh_from_db()
    assert today.samples == seen


def test_what_is_no_longer_quiet_is_left_for_a_closer_look(cast: Cast) -> None:
    others = more(cast, "open", "failed", "unwell", "decided", "refused", "behind", "dear")
    open_one, failed, unwell, _decided, refused, behind, dear = others
    reviews = [review(agent, ago(hours=9)) for agent in (cast.agent, *others)]
    for agent, better, value in ((behind, "higher", 79), (dear, "lower", 121), (cast.agent, "higher", 81)):
        KpiTarget.objects.create(agent=agent, key="rate", target=100, better=better)
        KpiPoint.objects.create(agent=agent, key="rate", day=reviews[0].day, value=value)
    raise_exception(open_one, kind=ExceptionKind.HANDOFF, title="Call back")
    ran(failed, ago(hours=1), state="failed")
    observe(unwell, Observed.SILENT, {})
    decide_review(reviews[4], actor=cast.second, kind=DecisionKind.APPROVE)
    Output.objects.filter(run=ran(refused, ago(hours=1), "reply")).update(pass_record={"publishable": False})
    batch = batch_approve(reviews, actor=cast.owner)
    assert [decision.review for decision in batch.approved] == [reviews[0]]
    assert {each.agent for each in batch.left} == set(others)


def test_nobody_approves_for_agents_of_others(cast: Cast) -> None:
    mine, theirs = review(cast.agent, ago(hours=9)), review(cast.rival_agent, ago(hours=9))
    with pytest.raises(NotAllowed, match="rival agent"):
        batch_approve([mine, theirs], actor=cast.owner)
    assert not Decision.objects.exists()


def test_nobody_is_quiet_whose_outputs_no_machine_has_checked_or_one_refused(cast: Cast) -> None:
    PolicyVersion.objects.create(
        team=cast.team, number=1, statement="No promises.", rules={"prohibited_terms": ["free"]}
    )
    [bad] = more(cast, "bad")
    reviews = [review(agent, ago(hours=9)) for agent in (cast.agent, bad)]
    for agent, text in ((cast.agent, "Your ticket is here."), (bad, "It is free, we promise.")):
        for _output in range(6):
            Output.objects.create(run=ran(agent, ago(hours=1)), step_key="s", kind="reply", content=text)
    assert batch_approve(reviews, actor=cast.owner).approved == []
    assert (check_outputs(), check_outputs()) == (12, 0)
    batch = batch_approve(reviews, actor=cast.owner)
    assert [decision.review for decision in batch.approved] == [reviews[0]]
    [verdict] = Output.objects.filter(run__agent=bad)[0].pass_record["verdicts"][:1]  # type: ignore[index]
    assert (verdict["name"], verdict["passed"], verdict["evidence"]) == ("prohibited terms", False, ["free"])
