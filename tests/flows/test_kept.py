"""What a role has said to just this question is not paid for twice, until the policy or a campaign changes (R-181)."""

import pytest

from agents.fleet.models import PolicyVersion
from agents.flows.actions import try_flow
from agents.flows.catalog import recipe
from agents.flows.roles import ROLES
from agents.runs.models import Run, Step
from agents.runs.queries.spared import spared
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, finding
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
LEAD = "Subscribed to the newsletter, asked for the student discount."


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    found = bench_of(cast, rehearsal)
    PolicyVersion.objects.create(team=cast.team, number=98, statement="", rules={"answers_kept_minutes": 60})
    return found


def triaged(bench: Bench, context: str = "") -> Step:
    """The first step of a lead's run, under what campaigns gave it to know."""
    run = try_flow(bench.agent, recipe("lead-validation"), actor=bench.actor, input={"text": LEAD}, because="A test.")
    Run.objects.filter(pk=run.pk).update(context_sha256=context)
    return bench.go_on(run).steps.get(key="triage/1")


def test_the_same_lead_is_judged_once_and_again_after_policy_or_campaign_have_changed(bench: Bench, cast: Cast) -> None:
    bench.says(*[finding("no")] * 3)
    first, second = triaged(bench), triaged(bench)
    assert (first.cost_micros > 0, second.cost_micros, second.output) == (True, 0, first.output)
    assert "answered before, which saved" in second.reason
    assert triaged(bench, "another campaign").cost_micros > 0
    PolicyVersion.objects.create(team=cast.team, number=99, statement="", rules={"answers_kept_minutes": 60})
    assert triaged(bench).cost_micros > 0
    told = spared(cast.team.pk)
    assert (told.asked, told.spared, told.saved_micros) == (4, 1, first.cost_micros)


def test_who_writes_votes_or_judges_says_nothing_twice() -> None:
    assert {role.slug for role in ROLES if role.kept} == {"classifier", "retriever", "supervisor", "dispatcher"}
