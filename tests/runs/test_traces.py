"""The texts of steps are kept as long as the policy says; facts, cost and the trail stay, and storage is counted."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.base.errors import Invalid
from agents.fleet.actions import set_policy
from agents.fleet.models import PolicyVersion
from agents.runs.actions import account_for_traces
from agents.runs.enums import WhatIfState
from agents.runs.execution.drive import drive
from agents.runs.models import Run, Step, ToolUse, WhatIf
from agents.runs.queries.traces import account_of
from agents.runs.replay import replayed
from audit.models import AuditEvent
from console.pages.settings.system import storage
from tests.cast import Cast
from tests.runs.toys import started

pytestmark = pytest.mark.django_db
FACTS = ("key", "node", "kind", "state", "model", "tokens_in", "cost_micros", "input_sha256", "finished_at")


def ended(cast: Cast, days: int, **more: object) -> Run:
    """A run of three steps that ended so many days ago."""
    run = started(cast.agent, "chain", {"text": "A long story. " * 50})
    drive(run.pk)
    Run.objects.filter(pk=run.pk).update(state_since=timezone.now() - dt.timedelta(days=days), **more)
    run.refresh_from_db()
    return run


def kept(cast: Cast, **rules: object) -> None:
    number = PolicyVersion.objects.filter(team=cast.team).count() + 1
    PolicyVersion.objects.create(team=cast.team, number=number, statement="", rules=rules)


def texts(run: Run) -> int:
    return run.steps.filter(input__isnull=False).count()


def test_texts_of_runs_that_ended_long_ago_go_and_their_facts_stay(cast: Cast) -> None:
    kept(cast, traces_kept_days=200)
    old, young = ended(cast, 201), ended(cast, 199)
    for run in (old, young):
        ToolUse.objects.create(
            run=run, step_key="look/1", agent=cast.agent, tool="get_user_details", said={"result": 1}
        )
    facts = list(old.steps.order_by("seq").values_list(*FACTS))
    found = account_for_traces(cast.team)
    assert (texts(old), texts(young)) == (0, 3)
    assert [(use.run, use.said) for use in ToolUse.objects.order_by("run")] == [(old, None), (young, {"result": 1})]
    assert (found.runs, found.steps, found.freed_bytes > 100) == (1, 3, True)
    assert list(old.steps.order_by("seq").values_list(*FACTS)) == facts
    assert account_of(cast.team) == found
    again = account_for_traces(cast.team)
    assert (again.runs, again.steps, again.freed_bytes) == (0, 0, 0)


def test_what_a_run_would_have_come_to_goes_with_it_though_it_was_still_being_walked(cast: Cast) -> None:
    kept(cast, traces_kept_days=200)
    walk = WhatIf.objects.create(run=ended(cast, 201), most_micros=1, state=WhatIfState.RUNNING)
    account_for_traces(cast.team)
    WhatIf.objects.filter(pk=walk.pk).update(finished_at=timezone.now(), state=WhatIfState.DONE, steps=[{"output": 1}])
    young = WhatIf.objects.create(run=ended(cast, 199), most_micros=1, finished_at=timezone.now())
    account_for_traces(cast.team)
    assert list(WhatIf.objects.all()) == [young]


def test_what_is_reported_late_of_long_ago_goes_the_night_after(cast: Cast) -> None:
    kept(cast, traces_kept_days=200)
    account_for_traces(cast.team)
    late = ended(cast, 300, arrived_at=timezone.now() + dt.timedelta(seconds=1))
    assert account_for_traces(cast.team).runs == 1
    assert texts(late) == 0


def test_nothing_goes_without_the_rule_or_before_six_months(cast: Cast) -> None:
    old = ended(cast, 3000)
    assert (account_for_traces(cast.team).until, texts(old)) == (None, 3)
    with pytest.raises(Invalid):
        set_policy(cast.team, statement="Less", rules={"traces_kept_days": 182}, actor=cast.chief)


def test_a_run_without_its_texts_is_not_walked_again_and_says_why(cast: Cast) -> None:
    kept(cast, traces_kept_days=183)
    old = ended(cast, 184)
    assert replayed(old).same
    account_for_traces(cast.team)
    with pytest.raises(Invalid, match="no longer kept"):
        replayed(old)


def test_storage_is_counted_priced_and_shown(cast: Cast) -> None:
    assert storage(cast.team).value == "not measured yet"
    ended(cast, 1)
    kept(cast, storage_gb_month=1000)
    found = account_for_traces(cast.team)
    assert found.kept_bytes > 0
    assert found.cost_micros == round(found.kept_bytes / 10**9 * 1000 * 10**6)
    assert "a month" in storage(cast.team).says
    assert account_for_traces(cast.rival_team).kept_bytes == 0
    assert AuditEvent.objects.filter(verb="traces.accounted", team_id=cast.team.pk).count() == 1
    assert Step.objects.filter(input__isnull=True).count() == 0
