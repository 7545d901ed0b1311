"""The queue: one group an agent, the worst first, in the same few queries whatever its size."""

from typing import Any

import pytest
from django.utils import timezone

from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.runs.actions import raise_exception, snooze_item
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.queries import Need, needing, queue
from agents.runs.queries.digests import digests
from console.pages.queue.did import did
from tests.cast import Cast, make_agent
from tests.morning.stage import ago, analyze, ran, review

K = ExceptionKind


def fleet_of(cast: Cast, size: int) -> list[Agent]:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    return [cast.agent, *(make_agent(cast.team, f"agent-{n:03}", *seats) for n in range(size - 1))]


def test_what_a_day_cost_is_in_the_currency_of_its_runs(cast: Cast) -> None:
    Agent.objects.update(currency="BRL")

    def now() -> tuple[Any, ...]:
        [digest] = digests([day], timezone.now()).values()
        return digest.costs, digest.cost_micros, digest.currency, str(did(digest))

    day = review(cast.agent, ago(hours=9))
    assert now()[:3] == ({}, 0, "USD")
    ran(cast.agent, ago(hours=1), source="sync:monaco")
    assert now()[:2] == (None, None)
    ran(cast.agent, ago(hours=1), cost_micros=160_000, currency="EUR")
    assert now() == ({"EUR": 160_000}, 160_000, "EUR", "2 runs · 0 outputs · €0.16")
    ran(cast.agent, ago(hours=1), cost_micros=840)
    assert now() == ({"EUR": 160_000, "USD": 840}, None, "", "3 runs · 0 outputs · €0.16 + $0.00084")


def test_agents_come_worst_first_and_quiet_ones_last(cast: Cast) -> None:
    bad, worse, quiet = fleet_of(cast, 3)
    for agent in (bad, worse, quiet):
        ran(agent, ago(hours=1), "reply", cost_micros=500)
        review(agent, ago(hours=9))
    raise_exception(bad, kind=K.HANDOFF, title="low", severity=Severity.LOW)
    for title in ("one", "two"):
        raise_exception(worse, kind=K.HANDOFF, title=title, severity=Severity.HIGH)
    shown = queue(cast.owner, cast.team)
    assert [group.agent for group in shown.groups] == [worse, bad, quiet]
    assert [group.quiet for group in shown.groups] == [False, False, True]
    assert (shown.total, shown.listed, [group.agent for group in shown.quiet]) == (3, 3, [quiet])
    digest = shown.groups[2].digest
    assert digest is not None
    assert (digest.runs, digest.outputs, digest.cost_micros) == ({"done": 1}, 1, 500)
    assert [(sample.kind, sample.text, sample.passed) for sample in digest.samples] == [("reply", "reply 0", True)]
    assert shown.groups[0].items[0].reason == "60 % likely wrong · High severity"


@pytest.mark.parametrize("size", [1, 25, 250])
def test_the_queue_takes_as_many_queries_at_any_size(cast: Cast, size: int, django_assert_num_queries: Any) -> None:
    for agent in fleet_of(cast, size):
        ran(agent, ago(hours=1), "reply")
        review(agent, ago(hours=9))
        raise_exception(agent, kind=K.HANDOFF, title="Call back")
    analyze()
    queue(cast.owner, cast.team)  # content types are remembered
    with django_assert_num_queries(4):
        shown = queue(cast.owner, cast.team)
    assert (shown.total, shown.listed) == (size, min(size, 200))


def test_each_need_shows_its_own(cast: Cast) -> None:
    for kind in (K.APPROVAL, K.SILENCE, K.SYNC_FAILED, K.CHECK_IN, K.FAILURE):
        raise_exception(cast.agent, kind=kind, title=kind)
    found = {need: {e.kind for e in needing(cast.owner, cast.team, need)} for need in Need}
    assert found[Need.WAITING] == {K.APPROVAL}
    assert found[Need.SILENT] == {K.SILENCE, K.SYNC_FAILED}
    assert found[Need.CHECK_INS] == {K.CHECK_IN}
    assert found[Need.EXCEPTIONS] == {K.APPROVAL, K.SILENCE, K.SYNC_FAILED, K.FAILURE}
    [group] = queue(cast.owner, cast.team, Need.SILENT).groups
    assert {item.kind for item in group.items} == {K.SILENCE, K.SYNC_FAILED}


def test_with_a_need_only_agents_that_have_it_are_shown(cast: Cast) -> None:
    for agent in fleet_of(cast, 2):
        review(agent, ago(hours=9))
    raise_exception(cast.agent, kind=K.CHECK_IN, title="Look at its page")
    assert [group.agent for group in queue(cast.owner, cast.team, "check_ins").groups] == [cast.agent]
    assert queue(cast.owner, cast.team, "silent").groups == []


def test_what_is_put_off_does_not_push_its_agent_forward(cast: Cast) -> None:
    later, now = fleet_of(cast, 2)
    put_off = raise_exception(later, kind=K.HANDOFF, title="later", severity=Severity.HIGH)
    raise_exception(now, kind=K.HANDOFF, title="now", severity=Severity.LOW)
    snooze_item(put_off.item, actor=cast.owner, until=ago(hours=-1))
    shown = queue(cast.owner, cast.team)
    assert [group.agent for group in shown.groups] == [now, later]
    assert shown.groups[1].items[0].snoozed


def test_who_may_not_review_has_nothing_in_the_queue(cast: Cast) -> None:
    review(cast.agent, ago(hours=9))
    raise_exception(cast.agent, kind=K.HANDOFF, title="Call back")
    for person in (cast.trainee, cast.manager, cast.auditor, cast.rival):
        assert queue(person, cast.team).groups == []
    assert queue(cast.backup, cast.team).total == 1


def test_a_retired_agent_s_day_is_no_longer_asked_for(cast: Cast) -> None:
    review(cast.agent, ago(hours=9))
    Agent.objects.filter(pk=cast.agent.pk).update(lifecycle="retired")
    assert queue(cast.owner, cast.team).groups == []
